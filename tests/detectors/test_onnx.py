"""Models of people's own: they are read, guessed, run as ONNX Runtime runs them, and refused with a sentence."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from detectors import weights
from detectors.kinds.onnx import boxes, embedding, looking
from detectors.kinds.onnx.choosing import activated
from detectors.kinds.onnx.guessing import classes, guess
from detectors.kinds.onnx.models import Model
from detectors.kinds.registry import made
from projects.errors import Invalid
from tests.detectors import networks
from tests.detectors.networks import constant, saved
from tests.detectors.test_pipelines_agree import ensemble  # noqa: F401

PHOTO = np.random.default_rng(0).integers(0, 256, (48, 100, 3), np.uint8)


def kept(data: bytes) -> str:
    digest = weights.digest_of(data)
    weights.put(digest, data)
    return digest


def straight(data: bytes, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": images})[0]


def outside() -> bytes:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../secrets.bin")
    made = networks.model([helper.make_node("Add", ["x", "w"], ["y"])])
    made.graph.initializer.append(tensor)
    return made.SerializeToString()


def hidden() -> bytes:
    """The same within an attribute of a node in a branch."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="/etc/passwd")
    inner = helper.make_graph([helper.make_node("Constant", [], ["y"], value=tensor)], "then", [], [])
    return saved([helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)])


def disguised() -> bytes:
    """The same by numbers of fields that are too long: who reads only 32 bits of them finds a path."""

    def text(number: int, value: bytes, more: int = 0) -> bytes:
        return varint(number << 3 | 2 | more) + varint(len(value)) + value

    path = text(1, b"location") + text(2, b"pyproject.toml")
    tensor = b"\x08\x10\x10\x02" + text(8, b"w") + text(13, path, 1 << 32) + varint(14 << 3 | 1 << 32) + b"\x01"
    made = networks.model([helper.make_node("Cast", ["w"], ["y"], to=1)])
    return made.SerializeToString() + text(7, text(5, tensor))


def varint(value: int) -> bytes:
    rest, last = divmod(value, 128)
    return bytes([last | 128]) + varint(rest) if rest else bytes([last])


BAD = {
    "not_onnx": (lambda: b"\x89PNG\r\n\x1a\n and more of that", "This is no ONNX model"),
    "empty": (lambda: b"", "This is no ONNX model"),
    "cut": (lambda: networks.colours()[:-9], "This is no ONNX model"),
    "path": (outside, "names a path (“../secrets.bin”)"),
    "hidden path": (hidden, "names a path (“/etc/passwd”)"),
    "disguised path": (disguised, "This is no ONNX model"),
    "custom": (
        lambda: saved([helper.make_node("Magic", ["x"], ["y"], domain="my.ops")], domains=["my.ops"]),
        "needs “Magic” of “my.ops”",
    ),
    "unknown": (lambda: saved([helper.make_node("Magic", ["x"], ["y"])]), "needs “Magic”"),
    "opset": (lambda: networks.colours(opset=99), "is of opset 99; 2"),
    "vector": (lambda: saved([helper.make_node("Relu", ["x"], ["y"])], image=["n", 10]), "It must take one image"),
    "ints": (
        lambda: saved([helper.make_node("Cast", ["x"], ["y"], to=1)], kind=TensorProto.INT32),
        "It must take one image",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_run_is_refused_with_what_to_do(name):
    data, sentence = BAD[name]

    with pytest.raises(Invalid) as refusal:
        guess(Model(data()))

    assert sentence in str(refusal.value.detail)


def random_rows(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 1, shape)


GUESSED = {  # 64 x 64 pixels have 84 cells of YOLO's grids
    "names": (lambda: networks.colours(about={"names": "{0: 'red', 1: 'green', 2: 'blue'}"}), "onnx_classifier", {
        "classes": ["red", "green", "blue"], "activation": "softmax", "width": 8, "fit": "middle"}),
    "softmax": (lambda: networks.colours(softmax=True), "onnx_classifier", {
        "classes": ["class 0", "class 1", "class 2"], "activation": "none"}),
    "v8": (lambda: constant(random_rows(9, 84), image=["n", 3, 64, 64], about={"names": "['a', 'b', 'c', 'd', 'e']"}),
        "onnx_yolo", {"form": "v8 to v12", "classes": list("abcde"), "fit": "letterbox", "scaling": "0 to 1"}),
    "masks": (lambda: constant(random_rows(38, 84), image=["n", 3, 64, 64], about={"names": "{0: 'a', 1: 'b'}"}),
        "onnx_yolo", {"form": "v8 to v12", "classes": ["a", "b"]}),
    "v5": (lambda: constant(random_rows(252, 7), image=[1, 64, 64, 3]), "onnx_yolo", {
        "form": "v5 to v7", "classes": ["class 0", "class 1"], "layout": "colours last"}),
    "end": (lambda: constant(random_rows(30, 6), image=[1, 3, "h", "w"], about={"imgsz": "[96, 128]", "names": "a"}),
        "onnx_yolo", {"form": "end to end", "classes": ["a"], "height": 96, "width": 128}),
    "embedder": (lambda: constant(random_rows(512), image=["n", 3, 32, 32]), "onnx_embedder", {"fit": "middle"}),
    "transformer": (lambda: constant(random_rows(65, 24), image=["n", 1, 64, 64]), "onnx_embedder", {
        "pooling": "first", "channels": "grey"}),
    "bytes": (lambda: networks.colours(kind=TensorProto.UINT8), "onnx_classifier", {"scaling": "0 to 255"}),
}  # fmt: skip


@pytest.mark.parametrize("name", GUESSED)
def test_what_a_model_is_is_guessed_from_its_shapes_and_what_it_tells(name):
    data, family, told = GUESSED[name]

    kind, settings = guess(Model(data()))

    assert kind == family
    assert told.items() <= settings.items()


def test_a_file_is_taken_for_an_onnx_model_also_where_it_could_be_one_of_another_form():
    data = b"\x7a\x10\x00\x00ORTM" + bytes(10) + networks.colours()  # in a field that nobody reads

    assert guess(Model(data))[0] == "onnx_classifier"


@pytest.mark.parametrize(
    "data",
    [
        lambda: saved([helper.make_node("Relu", ["x"], ["y"])], outputs=[("y", networks.IMAGES)]),
        lambda: constant(random_rows(30_001), image=["n", 3, 64, 64]),
    ],
)
def test_a_model_whose_answer_means_nothing_to_us_is_refused(data):
    with pytest.raises(Invalid, match="we cannot tell what it does"):
        guess(Model(data()))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{1: 'b', 0: 'a', 2: ''}", ["a", "b", "class 2"]),
        ('{"0": "a", "10": "c", "2": "b"}', ["a", "b", "c"]),
        ("crane, crane", ["crane", "crane 1"]),
        ("__import__('os').abort()", ["__import__('os').abort()"]),
        ("[" * 50_000, ["[" * 100]),
    ],
)
def test_names_are_read_as_they_were_written_and_never_run(text, names):
    assert classes({"names": text}) == names


@pytest.mark.parametrize("n", [1, 5, 19])
@pytest.mark.parametrize("most", ["n", 1, 4])
def test_it_answers_as_onnx_runtime_does_however_many_it_takes_at_a_time(most, n):
    data = networks.colours(image=[most, 3, 8, 8])
    images = random_rows(n, 3, 8, 8).astype(np.float32)

    (found,) = Model(data).run(images, ["y"])

    assert found == pytest.approx(straight(networks.colours(), images))


def test_a_classifier_tags_with_the_likeliest_class_and_how_likely_all_are():
    data = networks.colours(image=["n", 3, 48, 100])
    settings = {"width": 100, "height": 48, "scaling": "-1 to 1", "channels": "BGR", "threshold": 0.2}
    detector = made("onnx_classifier", {"model": kept(data), "classes": ["blue", "green", "red"], **settings})

    (found,) = detector.detect([PHOTO])

    numbers = straight(data, (PHOTO[None, :, :, ::-1].transpose(0, 3, 1, 2) / 127.5 - 1).astype(np.float32))
    likely = activated(numbers, "softmax")[0]
    assert found.probabilities == pytest.approx(likely[None], abs=1e-6)
    assert found.shapes.tolist() == ["tag"]
    assert found.labels.tolist() == [("blue", "green", "red")[likely.argmax()]]


def test_a_sigmoid_tags_with_each_class_that_is_likely_and_wanted():
    names = {"classes": ["r", "g", "b"], "only": ["b", "r"], "activation": "sigmoid", "scaling": "0 to 1"}
    detector = made("onnx_classifier", {"model": kept(networks.colours(image=["n", 3, 224, 224])), **names})

    (found,) = detector.detect([PHOTO])

    assert sorted(found.labels) == ["b", "r"]
    assert detector.finds == ("b", "r")


def test_classes_that_are_not_all_named_are_told_at_the_field():
    detector = made("onnx_classifier", {"model": kept(networks.colours(image=[1, 3, 224, 224])), "classes": ["one"]})

    with pytest.raises(Invalid) as refusal:
        detector.detect([PHOTO])

    assert refusal.value.fields == {
        "classes": "The model tells 3 classes, and 1 are named. Name them all, in its order."
    }


def rows_of(form: str, n: int, k: int) -> np.ndarray:
    """Boxes in heaps, in pixels of 640."""
    random = np.random.default_rng(n)
    middles = random.uniform(100, 540, (8, 2))[random.integers(0, 8, n)] + random.uniform(0, 15, (n, 2))
    sizes = random.uniform(40, 120, (n, 2))
    some = [
        middles,
        sizes,
        *([random.uniform(0, 1, (n, 1))] if form == "v5 to v7" else []),
        random.uniform(0, 1, (n, k)),
    ]
    if form == "end to end":
        kinds = random.integers(0, k, (n, 1))
        some = [middles - sizes / 2, middles + sizes / 2, random.uniform(0, 1, (n, 1)), kinds]
    return np.concatenate(some, axis=1).astype(np.float32)


def expected(rows: np.ndarray, form: str, k: int, threshold: float) -> list[tuple[float, ...]]:
    """Row by row, as one would write it first: score, class and corners."""
    found = []
    for row in rows.tolist():
        if form == "end to end":
            found.append((row[4], int(row[5]), *row[:4]))
            continue
        x, y, w, h = row[:4]
        scores = [one * row[4] for one in row[5 : 5 + k]] if form == "v5 to v7" else row[4 : 4 + k]
        best = max(range(k), key=scores.__getitem__)
        found.append((scores[best], best, x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return sorted((one for one in found if one[0] >= threshold), reverse=True)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("form", ["v8 to v12", "v5 to v7", "end to end"])
def test_boxes_are_where_a_plain_reading_of_the_output_and_the_libraries_nms_have_them(ensemble, form, turned):  # noqa: F811
    rows, k = rows_of(form, 300, 3), 3
    data = constant(rows.T if turned else rows, image=["n", 3, 640, 640])
    names = [f"class {number}" for number in range(k)]
    settings = {"form": form, "classes": names, "width": 640, "height": 640, "threshold": 0.3, "overlap": 0.5}
    detector = made("onnx_yolo", {"model": kept(data), **settings})

    (found,) = detector.detect([np.zeros((1280, 640, 3), np.uint8)])  # which lies in the middle, half as large

    boxes_ = np.array(expected(rows, form, k, 0.3))
    if form != "end to end":
        at, scores, kinds = ensemble.nms([boxes_[:, 2:] / 640], [boxes_[:, 0]], [boxes_[:, 1]], iou_thr=0.5)
        boxes_ = np.column_stack([scores, kinds, at * 640])[np.argsort(-scores, kind="stable")]
    corners = np.clip((boxes_[:, 2:] - [160, 0, 160, 0]) * 2, 0, [640, 1280, 640, 1280])
    inside = (corners[:, 2:] > corners[:, :2]).all(axis=1)
    assert inside.sum() > 15
    places = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)[inside]
    assert found.places == pytest.approx(places, abs=0.01)
    assert found.scores == pytest.approx(boxes_[inside, 0])
    assert found.labels.tolist() == [names[int(kind)] for kind in boxes_[inside, 1]]


def test_rows_that_are_no_boxes_of_these_classes_are_refused():
    with pytest.raises(Invalid, match="no boxes of 9 classes"):
        boxes.rows(np.zeros((12, 84)), "v8 to v12", 9)


@pytest.mark.parametrize("fit", ["letterbox", "stretch", "middle"])
@pytest.mark.parametrize("size", [(48, 100), (100, 48), (1, 3), (3000, 2)])
def test_places_lead_back_to_the_image_whatever_is_made_of_it(fit, size):
    looks = looking.Looks(width=64, height=32, fit=fit)
    picture = np.zeros((*size, 3), np.uint8)

    whole, frame = looking.framed(picture, looks)

    assert whole.shape == (32, 64, 3)
    place = np.array([[0.0, 0.0, size[1] / 2, size[0] / 2]])
    forth = place * np.tile(frame.scale, 2) + np.tile(frame.shift, 2)
    assert frame.back(forth) == pytest.approx(place)
    assert forth[0, 2:] == pytest.approx([32, 16], abs=max(1, *frame.scale))  # middle in the middle


def test_an_embedder_gives_vectors_of_length_one():
    data = networks.colours(image=["n", 3, 224, 224])
    found = embedding.vectors(embedding.Settings(model=kept(data)), [PHOTO, PHOTO[:0], PHOTO])

    assert found.shape == (3, 3)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0, 1])
