"""Sets as people download them: what is in them comes in, and what only looks like annotations stays what it is."""

import json

import pytest

from tests.images import encoded, picture
from tests.imports import found_in, imported, told

PNG = encoded(picture(8, 4), "PNG")
BARE = b"I love this product,positive\nI hate it,negative\nMeh,neutral\n"


@pytest.mark.parametrize(
    "photos",
    [
        ["train/mask/1.jpg", "train/no_mask/1.jpg"],
        ["with_mask/1.jpg", "without_mask/1.jpg", "mask/1.jpg"],
        ["labels/a.jpg", "labels/b.jpg"],
        ["shop/1.jpg", "shop/labels/1.jpg"],
        ["cats/1.jpg", "cats_seg/1.jpg"],
        ["bottle.jpg", "bottle_label.jpg"],
        ["anna.jpg", "anna_mask.jpg", "00001.png", "00001_Mask.jpg"],
        ["w/images/001.jpg", "w/labels/001.jpg"],
        ["c/images/9.jpg", "c/mask/1.jpg", "c/no_mask/1.jpg"],
        ["engine.png", "engine_parts.png", "golf.png", "golf gt.png"],
    ],
)
def test_photos_in_folders_that_are_called_like_masks_stay_photos(photos):
    found, gathering = found_in(dict.fromkeys(photos, PNG))

    assert (found.images, told(gathering)) == (photos, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("meter.txt", "2024-01-01 12345\n2024-02-01 12401\n2024-03-01 12466\n"),
        ("receipt.txt", "Milk 2 1.20 2.40\nBread 1 3.50 3.50\nTotal 5.90\n"),
        ("phones.txt", "Ann +49 30 123456\nBo +49 30 654321\n"),
        ("results.txt", "3 1 4 1 5\n9 2 6 5 3\n"),
        ("a.txt", "0049 30 123\n0049 30 124\n"),
        ("lotto.txt", "4, 8, 15, 16, 23, 42\n"),
        ("todo.txt", "a buy milk and some bread\nb call Ana about it\n"),
        ("labels.txt", "The labels on these bottles were printed in the summer of 1923, as far as anybody knows.\n"),
        ("mark.txt", "a_mask.png is what the program wrote, and nobody has looked at it.\n12 of them are wrong.\n"),
        ("hash.txt", "# A heading\nwords\n"),
    ],
)
def test_texts_beside_images_stay_texts(name, text):
    found, gathering = found_in({"a.png": PNG, "b.png": PNG, name: text.encode()})

    assert (found.texts, told(gathering)) == ([name], [])


@pytest.mark.parametrize(
    "body",
    [
        b"title,price\nA very nice cup from the north of Spain,3\nA spoon,4\n",
        b"text,image\nnice,a.png\nbad,b.png\n",
        b"review,x,y,width,height\nfine,1,2,3,4\n",
        b"content,tag\nword,B\n",
        b"text,labelName\nA cup,Good\n",
        b"word,tag,text\ncup,B,This is my cup\n",
    ],
)
def test_tables_of_texts_beside_images_stay_tables(body):
    found, gathering = found_in({"a.png": PNG, "b.png": PNG, "t.csv": body})

    assert ([source.format for source in found.sources], told(gathering)) == (["table"], [])
    assert gathering.texts == len(body.splitlines()) - 1


@pytest.mark.parametrize(
    ("name", "body", "texts", "columns"),
    [
        ("t.csv", b'"1","%s"\n"2","%s"\n' % (b"long " * 20, b"more " * 20), 2, 1),
        ("t.tsv", b"ham\tGo, on, and on\nspam\tFree, free\nham\tFine\n", 3, 1),
        ("t.csv", b"text,text length\nfine,4\ntext,4\n", 2, 1),
        ("t.jsonl", b'{"said": {"en": "All is fine"}, "by": [1]}\n{"said": {"en": "All is bad", "de": "x"}}\n', 2, 2),
        ("t.json", b'[{"text": "All is fine", "meta": {"page": 1}}, {"text": "All is bad"}]', 2, 1),
    ],
)
def test_tables_as_people_have_them(name, body, texts, columns):
    _, gathering = found_in({name: body})

    assert (gathering.texts, gathering.lost["columns"], told(gathering)) == (texts, columns, [])


# What is read, as tools write it --------------------------------------------------------------------------------------


def test_coco_with_an_empty_outline_has_its_box():
    body = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "Cup"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "segmentation": [[]]}],
    }

    _, gathering = found_in({"a.png": PNG, "all.json": json.dumps(body).encode()})

    assert (gathering.labels["Cup"].shapes, told(gathering)) == (["rectangle"], [])


@pytest.mark.parametrize("filename", ["a", "IMG_0001.JPG", "C:\\me\\a.png", "", "other.png"])
def test_voc_finds_an_image_that_was_renamed_or_is_told_without_its_ending(filename):
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox>"
    xml = f"<annotation><filename>{filename}</filename><object><name>Cup</name>{box}</object></annotation>"

    _, gathering = found_in({"images/a.png": PNG, "annotations/a.xml": xml.encode()})

    assert (gathering.drawn, gathering.named, told(gathering)) == (1, {}, [])


@pytest.mark.parametrize("name", ["classes.txt", "labels.txt", "train/labels/classes.txt", "_classes.txt", "obj.names"])
def test_yolo_with_its_names_in_a_list(name):
    files = {"train/images/a.png": PNG, "train/labels/a.txt": b"1 .5 .5 .2 .2\n", name: b"Cup\nSpoon\n"}

    _, gathering = found_in(files)

    assert {one.name: one.count for one in gathering.labels.values()} == {"Cup": 0, "Spoon": 1}
    assert told(gathering) == []


def test_what_a_label_file_annotates_is_a_photo_whatever_it_is_called():
    files = {
        "d/anna.png": PNG,
        "d/anna_mask.png": PNG,
        "d/anna_mask.txt": b"0 .5 .5 .2 .2\n",
        "d/classes.txt": b"Mask\n",
    }

    found, gathering = found_in(files)

    assert (found.images, gathering.drawn, told(gathering)) == (["d/anna.png", "d/anna_mask.png"], 1, [])


@pytest.mark.parametrize("key", ["spans", "entities", "label"])
def test_spans_with_start_and_end(key):
    body = json.dumps({"text": "Ana in Rom", key: [{"start": 7, "end": 10, "label": "Place"}]}).encode()

    _, gathering = found_in({"t.jsonl": body})

    assert (gathering.labels["Place"].shapes, told(gathering)) == (["span"], [])


def test_a_span_without_a_place_is_told():
    _, gathering = found_in({"t.jsonl": b'{"text": "Ana", "label": [{"label": "Person"}]}'})

    assert [detail[:40] for _, _, detail in told(gathering)] == ["A label is a name, or [start, end, name]"]


def test_dota_with_the_lines_at_its_beginning():
    body = b"imagesource:GoogleEarth\ngsd:0.14\n1 1 3 1 3 2 1 2 small-vehicle 0\n"

    _, gathering = found_in({"images/a.png": PNG, "labelTxt/a.txt": body})

    assert (gathering.labels["small-vehicle"].shapes, told(gathering)) == (["polygon"], [])


def test_conll_with_numbered_sentences():
    body = b"# id 5d1b domain=en\nAna _ _ B-PER\nsings _ _ O\n\n# id 7 domain=en\n# O\n"

    _, gathering = found_in({"a.conll": body})

    assert (gathering.texts, gathering.drawn, told(gathering)) == (2, 1, [])


def test_a_table_without_a_header_keeps_its_first_line_and_its_longer_column_is_the_text(alice, project):
    choices = {"t.csv": {"label": "column 2"}}

    report = imported(alice, project, {"t.csv": BARE}, choices)

    assert report["made"] == {"texts": 3, "labels": 3, "annotations": 3}


@pytest.mark.parametrize(
    ("body", "choices", "texts"),
    [
        (BARE, {"text": "column 1", "label": "column 2", "header": "yes"}, ["I hate it", "Meh"]),
        (b"one,x\ntwo,y\n", {"text": "one", "label": "", "name": "", "header": ""}, ["one", "two"]),
    ],
)
def test_people_say_whether_the_first_line_names_the_columns(alice, project, body, choices, texts):
    report = imported(alice, project, {"t.csv": body}, {"t.csv": choices})

    assert not report["problems"]
    assert list(project.items.order_by("pk").values_list("text", flat=True)) == texts
