import msgspec
import numpy as np
import pytest

from detectors import weights
from detectors.found import Found, boxes, spans
from detectors.kinds.checks import complaints, pictures
from detectors.kinds.registry import DETECTORS, load
from tests.detectors import networks
from tests.detectors.lessons import learned_boxes, learned_tags
from tests.detectors.scenes import png

CELLS = np.random.default_rng(0).uniform(0, 1, (84, 7)) * [64, 64, 40, 40, 1, 1, 1]
NEEDED = {
    "template": {"examples": [png(pictures()[0][100:140, 20:50])], "mirrored": True},
    "expression": {"pattern": r"\S+|\C"},
    "dictionary": {"phrases": ["ada", "7", "e", "s", "ss", "i̇", "😀"], "whole_words": False, "longest": False},
    "onnx_classifier": {"classes": ["red", "green", "blue"], "width": 8, "height": 8, "threshold": 0.2},
    "onnx_yolo": {"classes": ["a", "b", "c"], "width": 64, "height": 64, "threshold": 0.1},
}
MODELS = {"onnx_classifier": networks.colours(), "onnx_yolo": networks.constant(CELLS, image=["n", 3, 64, 64])}


LEARNED = {"learned_images": learned_boxes(), "learned_texts": learned_tags()}
MODELS |= LEARNED
NEEDED |= {"learned_images": {"least": 0.1}, "learned_texts": {"least": 0.1}}


@pytest.fixture(autouse=True)
def models():
    for name, data in MODELS.items():
        field = "weights" if name in LEARNED else "model"
        NEEDED[name][field] = weights.digest_of(data)
        weights.put(NEEDED[name][field], data)


@pytest.mark.parametrize("name", [name for name in DETECTORS if not name.endswith("backend")])  # which are a server's
def test_every_detector_of_ours_keeps_to_what_detectors_keep_to(name):
    assert list(complaints(load(name), NEEDED.get(name, {}))) == []


@pytest.mark.parametrize(
    "config", [{"by": "dark"}, {"by": "bright", "threshold": 100, "least": 1}, {"shape": "rectangle"}]
)
def test_outlines_are_as_good_by_darkness_and_as_rectangles(config):
    assert list(complaints(load("contours"), config)) == []


class Settings(msgspec.Struct):
    fault: str = ""


class Faulty:
    """Does one thing wrong, as its configuration says."""

    name, title, takes, Config = "faulty", "Faulty", "image", Settings
    finds = ("thing",)

    def __init__(self, config):
        self.fault, self.calls = config.fault, 0

    def detect(self, batch):
        self.calls += 1
        found = [self.look_at(picture) for picture in batch]
        return found[:1] if self.fault == "short" else found

    def look_at(self, picture):
        height, width = picture.shape[:2]
        if min(height, width) < 2:
            return boxes([], [], [])
        place, label, scores = [0, 0, width, height], "thing", [0.9, 0.1]
        match self.fault:
            case "writes":
                picture[:] = 7
            case "outside":
                place[2] += 1
            case "unsorted":
                scores = [0.1, 0.9]
            case "not a number":
                scores = [float("nan"), 0.5]
            case "unknown label":
                label = "other"
            case "moody":
                scores = [0.9 / self.calls, 0.1]
            case "empty":
                place[2] = 0
            case "text":
                return spans([(0, 1)], "thing", 1.0)
        return boxes([place, place], label, scores)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("writes", "writes to"),
        ("outside", "lies outside"),
        ("unsorted", "not sorted"),
        ("not a number", "no number from 0 to 1"),
        ("unknown label", "none of those"),
        ("moody", "another answer"),
        ("empty", "place is empty"),
        ("short", "1 answers for"),
        ("text", "places are (1, 2)"),
    ],
)
def test_an_author_is_told_what_is_wrong(fault, said):
    told = list(complaints(Faulty, {"fault": fault}))

    assert any(said in sentence for sentence in told)


def test_a_field_without_a_title_is_told_as_its_form_would_have_none():
    assert list(complaints(Faulty, {})) == ["The field fault has no title."]


def test_what_is_found_can_be_taken_in_part_with_its_rings():
    corners = np.array([[0, 0], [4, 0], [0, 3]], float)
    found = Found(
        np.zeros((2, 4)), np.array(["a", "b"]), np.array([1.0, 0.5]), np.array(["tag", "polygon"]), (None, corners)
    )

    assert found.take([1]).rings == (corners,)
