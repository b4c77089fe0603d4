"""Sets as people download them, of which something is not read: it is named once, with a way on."""

import json

import pytest

from tests.images import encoded, picture
from tests.imports import found_in, told

PNG = encoded(picture(8, 4), "PNG")
LABELME = (
    b"<annotation><filename>%s.png</filename><object><name>Cup</name><polygon><pt><x>1</x><y>2</y></pt></polygon>"
    b"</object></annotation>"
)
PETS = b"id,color\nANSL_59957,Black\nANSL_57687,Red\nANSL_62277,Black\nANSL_54037,Black\n"
VIDEOS = b"label,youtube_id,split\nrun,1,test\nrun,2,test\nwalk,4,test\n"
SQUARE = [[1, 1], [2, 1], [2, 2]]


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        (
            "annotations.xml",
            b"<annotations><version>1.1</version><image id='0' name='a.png'/></annotations>",
            "CVAT XML",
        ),
        ("a.xml", LABELME % b"a", "LabelMe XML"),
        ("page.xml", b"<PcGts xmlns='x'><Page imageFilename='a.png'/></PcGts>", "PAGE XML"),
        ("a.json", {"shapes": [{"label": "Cup", "points": SQUARE}], "imagePath": "a.png"}, "LabelMe JSON"),
        ("c.json", [{"image": "a.png", "annotations": [{"label": "Cup", "coordinates": {"x": 1}}]}], "CreateML JSON"),
        ("v.json", {"name": "v", "tags": [], "assets": {"1": {"regions": []}}}, "VoTT JSON"),
        (
            "d.json",
            {"infos": {}, "categories": {"label": {"labels": []}}, "items": [{"id": "a", "annotations": [{"id": 0}]}]},
            "Datumaro JSON",
        ),
        ("s.json", {"image": {"image_id": 1}, "annotations": [{"id": 1, "crop_box": []}]}, "Segment Anything JSON"),
        (
            "via.json",
            {"a.png7": {"filename": "a.png", "regions": [{"shape_attributes": {}}]}},
            "VGG Image Annotator JSON",
        ),
        ("b.json", [{"name": "a.png", "labels": [{"box2d": {"x1": 1}}]}], "BDD100K JSON"),
        ("f.tfrecord", b"\x00\x01", "TFRecord"),
        ("train.tfrecord-00001-of-00002", b"\x00\x01", "TFRecord"),
        ("gt/gt.txt", b"1,-1,0,4,4,8,1,3,1.0\n", "MOT's format"),
        ("train/gt_a.txt", b'0 0 2 3 "RED"\n3 3 5 6 "LION"\n', "ICDAR's format"),
        ("ch4/gt_a.txt", b"377,117,463,117,465,130,378,130,Genaxis Theatre\n", "ICDAR's format"),
        ("Polygon/poly_gt_a.txt", b"x: [[1 2 3 4]], y: [[5 6 7 8]], ornt: [u'c']\n", "ICDAR's format"),
        ("box/a.txt", b"72,25,326,25,326,64,72,64,TAN WOON YANN\n", "a list of boxes or outlines"),
        ("entities/a.txt", b'{\n  "company": "TAN"\n}\n', "a list of labels of images"),
        (
            "captions.txt",
            b"image,caption\nz.jpg,A child .\ny.jpg,A dog runs over the wet grass .\n",
            "a list of labels of images",
        ),
        ("train/a_GT.txt", b'108 225 132 0 1 0 0 1 3 "F"\n\n82 174 214 1 3 0 2 1 4 "T"\n', "ICDAR's format"),
        (
            "label_2/a.txt",
            b"Car 0.00 0 -1.57 614.24 181.78 727.31 284.77 1.57 1.73 4.15 1.00 1.75 13.22 1.62\n",
            "KITTI's format",
        ),
        ("o.csv", b"ImageID,Source,LabelName,Confidence\na,verification,/m/0,1\n", "Open Images CSV"),
        ("class-descriptions.csv", b"/m/0,Generic label #0\n/m/1,Generic label #1\n", "Open Images CSV"),
        (
            "b.csv",
            b'"image","xmin","ymin","xmax","ymax","label"\n"a.png",1,2,3,4,"Cup"\n',
            "a table of boxes in images",
        ),
        ("v.csv", b"filename,region_count,region_shape_attributes\na.png,1,{}\n", "VGG Image Annotator CSV"),
        ("labelmap.csv", b"name,r,g,b\nbackground,0,0,0\ncat,255,0,0\n", "a list of classes"),
        ("c/labels.txt", b"cup\nspoon\n", "a list of classes"),
        ("ImageSets/Segmentation/default.txt", b"other\nanother\n", "a list of images"),
        ("train.txt", b"data/images/b.png\ndata/images/c.png\n", "a list of images"),
        ("labels.csv", b"image,label\na.png,cup\n", "a list of labels of images"),
        ("labels.txt", b"a.png cup\n", "a list of labels of images"),
        ("wider_train_bbx_gt.txt", b"0--Parade/a.png\n1\n1 2 2 2 0 0 0 0 0 0\n", "a list of labels of images"),
        ("_annotations.csv", b"a.png,1,2,3,4,cup\n", "a list of labels of images"),
        (
            "pali.jsonl",
            b'{"image": "z.jpg", "prefix": "detect", "suffix": "<loc0001> cup"}\n',
            "a list of labels of images",
        ),
        ("a.mp4", b"\x00", "a video"),
        ("a.HEIC", b"\x00", "a photo in HEIC"),
        ("a.mat", b"MATLAB 5.0", "data of NumPy, MATLAB or HDF5"),
        ("val/a_atr.txt", b'001 # 0 # 0 # sky # sky # ""\n', "ADE20K's format"),
        ("calib/a.txt", b"P0: 7.2e+02 0.0 6.0e+02 0.0 0.0 7.2e+02 1.7e+02 0.0 0.0 0.0 1.0 0.0\n", "KITTI's format"),
        ("Anno/list_attr.txt", b"1\nBald Bangs\na.png -1 1\n", "a list of labels of images"),
        ("test/pairs.txt", b"1\t2\nname1\t1 \t2\n", "a list of labels of images"),
        ("annotations/ages.txt", b"2\nAna\t2\nBob\t1\n", "a list of labels of images"),
        ("GTTXT/a.txt", b"1 1 10 10 10\n", "a list of boxes or outlines"),
        ("label_colors.txt", b"64 128 64 Animal\n192 0 128 Archway\n", "a list of classes"),
        ("synsets-alt.txt", b"label 0\nlabel 1\n", "a list of classes"),
        ("ava.csv", b"video0,000000,0,0,4,4,0,0\nvideo0,000000,0,4,2,6,1,1\n", "a list of labels of images"),
        ("bb.csv", b"NAME_ID,X,Y,W,H\nn1/1,2,2,1,2\n", "a table of boxes in images"),
        ("p/1.json", {"width": 5, "objects": [{"id": 0, "polygon": [[0, 0]]}]}, "Cityscapes' or Mapillary's JSON"),
        ("p/2.json", {"annotation": {"filename": "a.png", "imsize": [5, 5]}}, "ADE20K JSON"),
        ("p/3.json", [{"img_paths": "a.png", "joint_self": []}], "MPII JSON"),
        ("p/4.json", {"labels": [{"readable": "Bird", "evaluate": True}]}, "a list of classes"),
    ],
)
def test_what_is_not_read_is_named_and_its_images_come_in(name, body, title):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()

    found, gathering = found_in({"images/a.png": PNG, name: body})

    assert (found.images, found.texts, found.sources) == (["images/a.png"], [], [])
    [(file, place, detail)] = told(gathering)
    assert (file, place) == (name, "")
    assert detail.startswith(f"This is {title}, which is not read here. ")


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        ("t.txt", b"__label__good I like it\n__label__bad __label__sad I do not\n", "fastText's format"),
        ("doc.ann", b"T1\tPerson 0 3\tAna\n", "brat's format"),
        ("kaggle.csv", b"Sentence,Word,Tag\n1,Ana,B-PER\n1,came,O\n", "a table of words with tags"),
        ("ner.csv", b"Sentence #,Word,POS,Tag\n1,Ana,NNP,B-PER\n", "a table of words with tags"),
        ("w.tsv", b"#FORMAT=WebAnno TSV 3.3\n\n#Text=Ana\n1-1\t0-3\tAna\tPER\n", "INCEpTION's TSV"),
        (
            "p.jsonl",
            b'{"text":"Ana","_input_hash":1,"spans":[{"start":0,"end":3,"label":"PER"}]}\n',
            "Prodigy JSON Lines",
        ),
        ("hf.jsonl", b'{"id": "0", "tokens": ["Ana", "sings"], "ner_tags": [1, 0]}\n', "words with tags as JSON"),
        ("q.json", b'{"data": [{"paragraphs": [{"qas": [{"question": "?"}], "context": "c"}]}]}', "SQuAD JSON"),
        ("labels/7.txt", b"0 0.5 0.5 0.2 0.4\n1 .5 .5 1 1\n", "YOLO without its images and classes"),
        ("t.xlsx", b"PK", "a spreadsheet"),
        ("t.pdf", b"%PDF", "a document"),
    ],
)
def test_annotated_texts_that_are_not_read_are_named(name, body, title):
    found, gathering = found_in({name: body})

    assert (found.texts, found.sources) == ([], [])
    assert [detail.split(", which")[0] for _, _, detail in told(gathering)] == [f"This is {title}"]


def test_many_files_of_a_kind_are_told_once():
    files = {f"Annotations/{n}.xml": LABELME % str(n).encode() for n in range(7)}

    found, gathering = found_in(files | {f"Images/{n}.png": PNG for n in range(7)})

    assert (len(found.images), found.sources) == (7, [])
    assert told(gathering) == [
        (
            "Annotations/0.xml",
            "and 6 more",
            "This is LabelMe XML, which is not read here. Convert it to COCO, YOLO or Pascal VOC (for example with "
            "Datumaro or Roboflow) and bring it again.",
        )
    ]


@pytest.mark.parametrize(
    ("photo", "mask"),
    [
        ("images/1.png", "masks/1.png"),
        ("images/1.jpg", "masks/1.jpg"),
        ("s/images/8f.png", "s/masks/2c.png"),
        ("Images/s/img1.png", "Masks/s/img1_mask_1.png"),
        ("Images/s/img1.png", "Scribbles/s/img1_scribble_1.png"),
        ("train/images/1.jpg", "train/instances/1.png"),
        ("images/training/a.jpg", "annotations/training/a.png"),
        ("images/a.jpg", "annotations/trimaps/a.png"),
        ("train/a.png", "train_labels/a_L.png"),
        ("train/a.png", "trainannot/a.png"),
        ("train/a.jpg", "train_masks/a_mask.gif"),
        ("images/train/b.jpg", "masks/train/b_m0_01.png"),
        ("images/1.png", "1_GT.bmp"),
        ("a.jpg", "a_mask.png"),
        ("JPEGImages/a.jpg", "SegmentationClass/a.png"),
        ("leftImg8bit/a_leftImg8bit.png", "gtFine/a_gtFine_labelIds.png"),
        ("street/1.jpg", "street/1_seg.png"),
        ("street/1.jpg", "street/1_parts_1.png"),
        ("street/1.jpg", "street/1/instance_000_ADE_1.png"),
        ("bottle/test/crack/000.png", "bottle/ground_truth/crack/000_mask.png"),
        ("train/images/0.jpg", "train/v1.2/instances/0.png"),
        ("RGB/0.png", "GT/LABELS/0.png"),
        ("training/image_2/0_10.png", "training/semantic_rgb/0_10.png"),
    ],
)
def test_masks_are_no_photos(photo, mask):
    found, gathering = found_in({photo: PNG, mask: PNG})

    assert found.images == [photo]
    assert [(file, detail.split(",")[0]) for file, _, detail in told(gathering)] == [(mask, "It is an image of masks")]


@pytest.mark.parametrize(
    "body", [b"id,label\n1,good\n2,bad\n", b'day,price\n2024-01-01,"1,50"\n', b"a,b\n1,2\n", PETS, VIDEOS]
)
def test_a_table_without_texts_asks_for_their_column(body):
    found, gathering = found_in({"t.csv": body})

    assert (found.sources[0].choices["text"], gathering.texts) == ("", 0)
    assert told(gathering) == [("t.csv", "", "No column looks like texts. Choose the one that holds them.")]


def test_an_unknown_json_says_what_to_do_when_it_holds_annotations():
    found, gathering = found_in({"a.png": PNG, "x/a.json": b'{"points": []}', "x/b.json": b'{"points": []}'})

    assert (found.images, found.sources) == (["a.png"], [])
    assert told(gathering) == [
        (
            "x/a.json",
            "and 1 more",
            "What kind of file this is, is not known. It was left out. If it holds annotations, convert it to COCO, "
            "YOLO or Pascal VOC, texts to CoNLL-2003.",
        )
    ]


def test_what_a_file_lacks_is_told_without_a_programmers_words():
    images = [{"id": 1, "file_name": "a.png"}, {"id": 2}, {"file_name": 3, "id": 3}]
    body = json.dumps({"images": images, "categories": [{"id": 1}], "annotations": [{"id": 1}, {"image_id": []}]})

    _, gathering = found_in({"a.png": PNG, "all.json": body.encode()})

    assert [f"{place}: {detail}" for _, place, detail in told(gathering)] == [
        "image 2: It needs an “id” and a “file_name”: “file_name” is missing.",
        "image 3: It needs an “id” and a “file_name”: “file_name” is not of the right kind.",
        "category 1: It needs an “id” and a “name”: “name” is missing.",
        "annotation 1: It cannot be read: “image_id” is missing.",
        "annotation 2: It cannot be read: “image_id” is not of the right kind.",
    ]
