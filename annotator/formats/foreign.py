"""Formats that are not read here, by what shows them, so that each is named once, with a way on.

What tells a format is never what a text or a table of texts would hold.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext, gettext_lazy

from annotator.formats.files import IMAGES, LINES, File, Folder, named

LOOKED_AT = 50  # lines
PROSE = 3  # spaces: a cell with more of them was written to be read
BETWEEN = re.compile(r"[\s,;|]+")
NUMBERS = re.compile(r"-?\d+(\.\d+)?([,;\s]+-?\d+(\.\d+)?){3,}([,;\s]+(\"[^\"]*\"|###|[^\W\d_]\w*)|[,\t].*)?[,;]?")
FEW_NUMBERS = re.compile(r"-?\d[\d\s.,;-]*")
KITTI = re.compile(r"(\d+ -?\d+ )?[A-Za-z_]+( -?\d+(\.\d+)?){14,15}")
YOLO = re.compile(r"\d{1,4}( (0|1|[01]?\.\d+)){4,}")
CALIBRATION = re.compile(r"\w+:( -?\d+(\.\d+)?(e[+-]\d+)?){9,}")
ADE20K = re.compile(r"\d+ # \d+ # \d+ # .*")
FASTTEXT = re.compile(r"(__label__\S+\s+)+\S.*")
MOT = re.compile(r"(gt|det)\.txt", re.IGNORECASE)
MARKS = re.compile(r"((?:poly_)?gt_|res_)?(.+?)(_gt)?", re.IGNORECASE)  # around the name of an image
OF_FACES = re.compile(r"(pairs|people|landmarks|identity_\w+|list_\w+)\.txt", re.IGNORECASE)
ANNOTATIONS = re.compile(
    r"annotations?|annos?|annot|imagesets|ground_?truth|gt(txt)?|labeltxt|label_2|calib\w*", re.IGNORECASE
)
CLASSES = re.compile(
    r"_?(predefined_)?(class(es)?|labels?|names|categories|obj|synsets?)([_-]?(names?|list|map|colou?rs?|dict|words|alt))?"
    r"\.(txt|names)",
    re.IGNORECASE,
)
LONGEST_CLASS = 60  # characters
TEXT = (
    "text",
    "content",
    "sentence",
    "document",
    "body",
    "comment",
    "review",
    "tweet",
    "message",
)  # columns, best first
FILE = {
    "name_id",
    "image",
    "image_id",
    "image_name",
    "imageid",
    "filename",
    "file_name",
    "file",
    "path",
    "image_path",
    "img",
}
BOXES = ({"xmin", "ymin"}, {"x1", "y1"}, {"x", "y", "w", "h"}, {"x", "y", "width", "height"})
JSON = (".json",)


class Way(StrEnum):
    """What to do with files that are not read."""

    IMAGES = "images"
    TEXTS = "texts"
    EXPORT = "export"
    EITHER = "either"
    ALONE = "alone"
    NONE = "none"
    TOGETHER = "together"
    FRAMES = "frames"
    CSV = "csv"
    PLAIN = "plain"
    PICTURE = "picture"


CONVERT = gettext_lazy(
    "Convert it to COCO, YOLO or Pascal VOC (for example with Datumaro or Roboflow) and bring it again."
)
LEFT_OUT = gettext_lazy("It was left out.")
IF_TEXTS = gettext_lazy("If it holds texts, drop it without the other files.")
WAYS = {
    Way.IMAGES: [CONVERT],
    Way.EITHER: [CONVERT, IF_TEXTS],
    Way.ALONE: [LEFT_OUT, IF_TEXTS],
    Way.NONE: [LEFT_OUT],
    Way.TEXTS: [gettext_lazy("Convert it to CoNLL-2003 or to doccano's JSON Lines and bring it again.")],
    Way.EXPORT: [gettext_lazy("Export it as COCO, YOLO or Pascal VOC, texts as CoNLL-2003, and bring that.")],
    Way.TOGETHER: [gettext_lazy("Drop the images with it, or the classes (data.yaml, classes.txt).")],
    Way.FRAMES: [gettext_lazy("Save its frames as images (for example with ffmpeg) and drop those.")],
    Way.CSV: [gettext_lazy("Save it as CSV and drop that.")],
    Way.PICTURE: [gettext_lazy("Save it as JPEG or PNG and drop that.")],
    Way.PLAIN: [gettext_lazy("Save it as plain text (.txt) and drop that.")],
}
OF_IMAGES = {Way.IMAGES, Way.EITHER, Way.EXPORT, Way.TOGETHER}  # may hold what was drawn on images


class Kind(NamedTuple):
    """Files with one of the endings are of this kind when all the expressions are found in their beginning."""

    title: str
    endings: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    way: Way = Way.IMAGES

    def told(self) -> str:
        said = gettext("This is %s, which is not read here.") % self.title
        return " ".join([said, *map(str, WAYS[self.way])])


def key(name: str, opening: str = "") -> str:
    return rf'"({name})"\s*:\s*{opening}'


LIST, OBJECT = r"\A\s*\[", r'(?s)\A\s*\{(?!.*"images"\s*:\s*\[)'  # COCO has a list of images
KINDS = [
    Kind("CVAT XML", (".xml",), (r"<annotations[\s>]", r"<(version|meta|image|track)[\s>]"), Way.EXPORT),
    Kind("LabelMe XML", (".xml",), (r"(?s)\A(?!.*<bndbox>).*<annotation[\s>]", r"<(pt|segm)>")),
    Kind("PAGE XML", (".xml",), (r"<(\w+:)?PcGts[\s>]",)),
    Kind("ALTO XML", (".xml",), (r"<(\w+:)?alto[\s>]",)),
    Kind("KITTI's XML", (".xml",), (r"<boost_serialization[\s>]",)),
    Kind("dlib XML", (".xml",), (r"<dataset[\s>]", r"<box\s")),
    Kind(
        "CreateML JSON",
        JSON,
        (r'(?s)\A\s*\[(?!.*"data"\s*:\s*\{)', key("image(filename)?", '"'), key("annotations?", r"\[")),
    ),
    Kind("CVAT JSON", JSON, (LIST, key("shapes", r"\["), key("tracks", r"\[")), Way.EXPORT),
    Kind("LabelMe JSON", JSON, (OBJECT, key("shapes", r"\["), key("imagePath|imageData|points|shape_type"))),
    Kind("VoTT JSON", JSON, (OBJECT, key("assets?", r"\{"), key("videoSettings|securityToken|tags|regions|format"))),
    Kind("Datumaro JSON", JSON, (OBJECT, key("categories", r"\{"), key("items|infos|dm_format_version|media_type"))),
    Kind("Segment Anything JSON", JSON, (OBJECT, key("image", r"\{"), key("predicted_iou|stability_score|crop_box"))),
    Kind("VGG Image Annotator JSON", JSON, (OBJECT, key(r"_via_\w+|shape_attributes|region_attributes"))),
    Kind("BDD100K JSON", JSON, (LIST, key("labels", r"\["), key("box2d|poly2d|box3d"))),
    Kind("BDD100K JSON", JSON, (OBJECT, key("frames", r"\["), key("box2d|poly2d|box3d"))),
    Kind("Supervisely JSON", JSON, (OBJECT, key("classTitle|projectType"))),
    Kind("Labelbox JSON", (*JSON, *LINES), (key("data_row|Labeled Data|DataRow ID"),)),
    Kind("Darwin JSON", JSON, (OBJECT, key("schema_ref"))),
    Kind("Cityscapes' or Mapillary's JSON", JSON, (OBJECT, key("objects", r"\["), key("polygon", r"\["))),
    Kind("ADE20K JSON", JSON, (OBJECT, key("annotation", r"\{"), key("name_ndx|imsize"))),
    Kind("MPII JSON", JSON, (LIST, key("joint_self|img_paths"))),
    Kind("GeoJSON", (*JSON, ".geojson"), (OBJECT, key("type", '"FeatureCollection"'))),
    Kind("a tree of classes", JSON, (OBJECT, key("LabelName"), key("Subcategory")), Way.NONE),
    Kind("a list of classes", JSON, (OBJECT, key("label_map", r"\{")), Way.NONE),
    Kind("a list of classes", JSON, (OBJECT, key("labels", r"\["), key("readable"), key("evaluate")), Way.NONE),
    Kind("SQuAD JSON", JSON, (key("paragraphs", r"\["), key("qas", r"\[")), Way.TEXTS),
    Kind("Prodigy JSON Lines", LINES, (key("_input_hash|_task_hash"),), Way.TEXTS),
    Kind(
        "words with tags as JSON",
        (*JSON, *LINES),
        (r'(?s)\A(?!.*"text"\s*:)', key("tokens|words", r"\["), key("(ner_)?(tags|labels)", r"\[")),
        Way.TEXTS,
    ),
    Kind("SageMaker's manifest", (".manifest", *LINES), (key("source(-ref)?", '"'), key(r"[\w-]+-metadata", r"\{"))),
    Kind("INCEpTION's TSV", (".tsv",), (r"\A\s*#(FORMAT=WebAnno|T_SP=)",), Way.TEXTS),
    Kind("TFRecord", (".tfrecord", ".tfrecords", ".record", ".pbtxt")),
    Kind("brat's format", (".ann",), way=Way.TEXTS),
    Kind("CoNLL-U", (".conllu",), way=Way.TEXTS),
    Kind("spaCy's format", (".spacy",), way=Way.TEXTS),
    Kind("a video", (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v"), way=Way.FRAMES),
    Kind("a photo in HEIC", (".heic", ".heif"), way=Way.PICTURE),
    Kind("a camera's raw photo", (".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2"), way=Way.PICTURE),
    Kind("a drawing, not an image", (".svg", ".eps", ".ai"), way=Way.PICTURE),
    Kind("an image in JPEG 2000 or JPEG XL", (".jp2", ".j2k", ".jxl"), way=Way.PICTURE),
    Kind("an image in a portable format", (".ppm", ".pgm", ".pbm", ".pnm"), way=Way.PICTURE),
    Kind("a file of Photoshop", (".psd",), way=Way.PICTURE),
    Kind("a medical image", (".dcm", ".nii", ".mha"), way=Way.PICTURE),
    Kind("a cache of YOLO", (".cache",), way=Way.NONE),
    Kind("data of NumPy, MATLAB or HDF5", (".npy", ".npz", ".mat", ".h5", ".hdf5", ".pkl", ".pickle")),
    Kind("a cloud of points", (".pcd", ".las", ".laz", ".ply"), way=Way.NONE),
    Kind("a spreadsheet", (".xlsx", ".xls", ".ods"), way=Way.CSV),
    Kind("a table in Parquet or Arrow", (".parquet", ".arrow", ".feather"), way=Way.CSV),
    Kind("a document", (".pdf", ".docx", ".doc", ".odt", ".rtf"), way=Way.PLAIN),
]
BY_ENDING = {end: [kind for kind in KINDS if end in kind.endings] for end in {e for k in KINDS for e in k.endings}}
PART_OF_TFRECORD = re.compile(r"\.(tfrecords?|record)-\d+-of-\d+")
OF_CLASSES = Kind("a list of classes", way=Way.ALONE)
LIST_OF_IMAGES = Kind("a list of images", way=Way.ALONE)
ABOUT_IMAGES = Kind("a list of labels of images", way=Way.EITHER)


def kind_of(file: File) -> Kind | None:
    """By its ending, and by how it begins."""
    ending = file.suffix
    if file.name == "seqinfo.ini":
        return Kind("MOT's format")
    if PART_OF_TFRECORD.fullmatch(ending):
        return Kind("TFRecord")
    kinds = BY_ENDING.get(ending, [])
    beginning = file.beginning if any(kind.shown for kind in kinds) else ""
    return next((kind for kind in kinds if all(re.search(one, beginning) for one in kind.shown)), None)


# Texts ----------------------------------------------------------------------------------------------------------------


def kind_of_text(file: File, folder: Folder, *, about_images: bool) -> Kind | None:
    """What is no text to be read, by all of its first lines. `about_images`: other files hold labels of images."""
    rows = [line.strip() for line in file.beginning.splitlines()[:LOOKED_AT] if line.strip()]
    if not rows:
        return None
    for pattern, kind in (
        (FASTTEXT, Kind("fastText's format", way=Way.TEXTS)),
        (KITTI, Kind("KITTI's format")),
        (CALIBRATION, Kind("KITTI's format")),
        (ADE20K, Kind("ADE20K's format")),
        (YOLO, Kind("YOLO without its images and classes", way=Way.TOGETHER)),
    ):
        if all(map(pattern.fullmatch, rows)):
            return kind
    numbers = all(map(NUMBERS.fullmatch, rows))
    if kind_ := of_an_image(file, folder, numbers=numbers, data=rows[0].startswith("{")):
        return kind_
    if kind_ := images_in(rows, folder):
        return kind_
    folders = file.path.split("/")[:-1]
    if "ImageSets" in folders:
        return LIST_OF_IMAGES
    if not (about_images or folder.images):
        return None
    if CLASSES.fullmatch(file.name) and all(len(row) <= LONGEST_CLASS for row in rows):
        return OF_CLASSES
    beside = OF_FACES.fullmatch(file.name) or any(map(ANNOTATIONS.fullmatch, folders))
    return ABOUT_IMAGES if beside and folder.images else None


def of_an_image(file: File, folder: Folder, *, numbers: bool, data: bool) -> Kind | None:
    """Rows of numbers and data are annotations when they go by an image's name, or numbers by that of MOT's file; what
    goes by it with a mark is, whatever is in it."""
    if numbers and MOT.fullmatch(file.name):
        return Kind("MOT's format")
    marked = MARKS.fullmatch(file.stem)
    if not marked or marked[2] not in folder.image_stems:
        return None
    if marked[1] or marked[3]:
        return Kind("ICDAR's format", way=Way.IMAGES if numbers else Way.EITHER)
    if numbers:
        return Kind("a list of boxes or outlines", way=Way.EITHER)
    return ABOUT_IMAGES if data else None


def images_in(rows: list[str], folder: Folder) -> Kind | None:
    """Every line begins with an image, or holds numbers that belong to one."""
    first = [BETWEEN.split(row, maxsplit=1)[0].strip('"') for row in rows]
    images = [is_image(one) for one in first]
    if all(images):
        return LIST_OF_IMAGES if first == rows else ABOUT_IMAGES
    if len(rows) > 2 and all(images[1:]):  # after their columns
        return ABOUT_IMAGES
    if len(rows) > 2 and all(images[2:]) and FEW_NUMBERS.fullmatch(rows[0]):  # their number, and columns
        return ABOUT_IMAGES
    if any(images) and all(image or FEW_NUMBERS.fullmatch(row) for image, row in zip(images, rows, strict=True)):
        return ABOUT_IMAGES
    stems = len(rows) > 1 and all(named(one) in folder.image_names for one in first)
    return ABOUT_IMAGES if stems and all(row.count(" ") < PROSE for row in rows) else None


def is_image(name: str) -> bool:
    return "." in name and f".{name.rpartition('.')[2]}".lower() in IMAGES


# Tables ---------------------------------------------------------------------------------------------------------------


def kind_of_table(columns: list[str], rows: list[list[str]], images: set[str]) -> Kind | None:
    """What is no table of texts, by its columns and first rows; `images` are the names of those that were dropped."""
    names = {column.strip().casefold() for column in columns}
    if "region_shape_attributes" in names:
        return Kind("VGG Image Annotator CSV")
    if "tag" in names and names & {"word", "token"} and not names & {*TEXT} - {"sentence"}:  # which may be its number
        return Kind("a table of words with tags", way=Way.TEXTS)
    if names & {*TEXT}:
        return None
    if ("imageid" in names and names & {"subset", "labelname"}) or all_ids([columns, *rows]):
        return Kind("Open Images CSV")
    if {"r", "g", "b"} <= names or names == {"pixel value", "class"}:
        return OF_CLASSES
    if {"annotation_id", "lead_time"} <= names:
        return Kind("Label Studio CSV", way=Way.EXPORT)
    if names & FILE and (any(box <= names for box in BOXES) or names & {"bbox", "bounding_box", "segmentation"}):
        return Kind("a table of boxes in images")
    return ABOUT_IMAGES if tells_of_images([columns, *rows], images) else None


def all_ids(rows: list[list[str]]) -> bool:
    return all(re.match(r"/[mgt]/\w", row[0]) for row in rows if row)


def tells_of_images(table: list[list[str]], images: set[str]) -> bool:
    """Each row names an image, or beside images there is nothing in it that was written to be read."""
    rows = table[1:] or table
    for n in range(len(table[0])):
        if images and all(named(row[n]) in images for row in rows):
            return True
    if any(cell.count(" ") > PROSE for row in rows for cell in row):
        return False
    return bool(images) or any(all(is_image(row[n].strip()) for row in rows) for n in range(len(table[0])))
