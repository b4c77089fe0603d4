"""Faces, eyes and people: what OpenCV finds, in pixels of the picture."""

import cv2
import numpy as np
import pytest

from tests.detectors.scenes import FACE, astronaut, made, overlap, plain


def test_the_astronauts_face_is_found():
    (found,) = made("faces").detect([astronaut()])

    assert overlap(found.places[0], FACE) > 0.7
    assert found.labels[0] == "face"
    assert 0.5 < found.scores[0] <= 1


def test_a_face_in_a_large_picture_is_in_pixels_of_that_picture():
    large = cv2.resize(astronaut(), None, fx=6, fy=6)

    (found,) = made("faces", longest=600).detect([large])

    assert overlap(found.places[0], np.multiply(FACE, 6)) > 0.7


@pytest.mark.parametrize(
    ("name", "file"),
    [("faces", "frontalface_default"), ("eyes", "eye"), ("full_bodies", "fullbody")],
)
def test_what_cascades_find_is_what_opencv_finds(name, file):
    picture = astronaut()
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_{file}.xml")
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    theirs = cascade.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=2, minSize=(20, 20))

    (found,) = made(name, step=1.1, neighbours=2, smallest=20).detect([picture])

    assert sorted(found.places.tolist()) == sorted(np.asarray(theirs, float).reshape(-1, 4).tolist())
    assert name == "full_bodies" or len(found) > 0


def test_both_eyes_are_in_the_face():
    (found,) = made("eyes").detect([astronaut()])

    x, y, w, h = FACE
    assert sum(x < a and y < b and a + c < x + w and b + d < y + h for a, b, c, d in found.places) == 2


def test_people_are_those_that_opencv_finds():
    picture = cv2.resize(astronaut(), (1000, 750))
    windows = cv2.HOGDescriptor()
    windows.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())
    theirs, _ = windows.detectMultiScale(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), winStride=(8, 8), scale=1.05)

    (found,) = made("people").detect([picture])

    assert len(found) > 0
    assert sorted(found.places.tolist()) == sorted(np.asarray(theirs, float).tolist())


@pytest.mark.parametrize("size", [(1, 1), (5, 10), (300, 50), (63, 128), (64, 127)])
def test_nobody_is_found_in_a_picture_that_is_smaller_than_a_person(size):
    (found,) = made("people").detect([plain(*size)])

    assert len(found) == 0
