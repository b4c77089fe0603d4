import cv2
import numpy as np
import pytest

from projects.errors import Invalid
from tests.detectors.scenes import astronaut, bar_code, made, overlap, plain, qr_code, texture


def scene():
    picture = plain(800, 600)
    picture[60:210, 50:200] = qr_code("hello", 150)
    picture[300:450, 400:685] = bar_code("4006381333931", 3, 150)
    return picture


def test_a_qr_code_and_a_bar_code_are_found_by_their_corners():
    (found,) = made("codes").detect([scene()])

    by_label = dict(zip(found.labels.tolist(), found.places, strict=True))
    assert overlap(by_label["QR code"], (62, 72, 126, 126)) > 0.9  # without its white margin
    assert overlap(by_label["bar code"], (400, 300, 285, 150)) > 0.5
    assert found.shapes.tolist() == ["polygon", "polygon"]
    assert found.scores.tolist() == [1, 1]


def test_the_corners_are_opencvs():
    (found,) = made("codes", bars=False).detect([scene()])

    _, theirs = cv2.QRCodeDetector().detectMulti(cv2.cvtColor(scene(), cv2.COLOR_RGB2GRAY))
    assert sorted(found.rings[0].tolist()) == sorted(theirs[0].tolist())


def test_a_code_that_cannot_be_read_is_less_sure():
    picture = scene()[:250, :250].copy()
    picture[72:198, 100:150] = texture(50, 126)

    (found,) = made("codes", bars=False).detect([picture])

    assert found.scores.tolist() == [0.5]


def test_a_turned_code_is_found_turned():
    turn = cv2.getRotationMatrix2D((125, 135), 30, 1)
    picture = cv2.warpAffine(scene()[:270, :250], turn, (250, 270), borderValue=(255, 255, 255))

    (found,) = made("codes", bars=False).detect([picture])

    expected = cv2.transform(np.array([[[62, 72], [188, 72], [188, 198], [62, 198]]], float), turn)[0]
    distances = np.linalg.norm(found.rings[0][:, None] - expected, axis=2)
    assert (distances.min(axis=0) < 4).all()


def test_nothing_else_is_a_code():
    assert len(made("codes").detect([astronaut()])[0]) == 0


def test_one_kind_must_be_chosen():
    with pytest.raises(Invalid) as refused:
        made("codes", qr=False, bars=False)

    assert refused.value.fields == {"qr": "Choose QR codes, bar codes, or both."}
