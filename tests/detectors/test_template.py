"""More of what a few examples show."""

import base64

import cv2
import numpy as np
import pytest

from projects.errors import Invalid
from tests.detectors.scenes import made, plain, png, texture

MARK = texture(40, 30, seed=7)


def field(*places, mark=MARK, ground=None):
    picture = texture(500, 400, seed=1) // 2 + 60 if ground is None else ground
    for x, y in places:
        picture[y : y + mark.shape[0], x : x + mark.shape[1]] = mark
    return picture


def test_all_that_look_like_the_example_are_found_where_they_are():
    picture = field((20, 30), (300, 50), (411, 333))

    (found,) = made("template", examples=[png(MARK)], label="mark").detect([picture])

    assert sorted(found.places.tolist()) == [[20, 30, 40, 30], [300, 50, 40, 30], [411, 333, 40, 30]]
    assert (found.scores > 0.999).all()
    assert set(found.labels) == {"mark"}


def test_the_likeness_is_opencvs_correlation():
    picture = field((100, 200))
    picture = cv2.GaussianBlur(picture, (0, 0), 2)
    grey, example = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (picture, MARK))
    theirs = cv2.matchTemplate(grey, example, cv2.TM_CCOEFF_NORMED)

    (found,) = made("template", examples=[png(MARK)], sizes=1, smallest=1, largest=1).detect([picture])

    assert found.scores[0] == pytest.approx(theirs.max(), abs=1e-5)
    assert tuple(found.places[0, :2]) == cv2.minMaxLoc(theirs)[3]


@pytest.mark.parametrize("size", [0.6, 1.5])
def test_smaller_and_larger_ones_are_found_in_the_sizes_asked_for(size):
    mark = cv2.resize(MARK, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    picture = field((200, 100), mark=mark)

    (found,) = made("template", examples=[png(MARK)], smallest=0.6, largest=1.5, sizes=2).detect([picture])

    assert found.places.tolist() == [[200, 100, mark.shape[1], mark.shape[0]]]


def test_mirrored_ones_are_found_where_that_is_asked_for():
    picture = field((200, 100), mark=MARK[:, ::-1])

    plainly, mirrored = (
        made("template", examples=[png(MARK)], mirrored=asked).detect([picture])[0] for asked in (False, True)
    )

    assert (len(plainly), mirrored.places.tolist()) == (0, [[200, 100, 40, 30]])


def test_a_large_example_is_found_to_the_pixel_though_it_is_first_looked_for_in_small():
    picture = texture(900, 700, seed=3)

    (found,) = made("template", examples=[png(picture[201:401, 333:633])]).detect([picture])

    assert found.places.tolist() == [[333, 201, 300, 200]]


@pytest.mark.parametrize("cut", [0, 1, 2, 30])
def test_what_is_larger_than_the_picture_is_not_in_it(cut):
    picture = texture(120, 90)

    (found,) = made("template", examples=[png(picture)], sizes=1, smallest=1).detect([picture[cut:, cut:]])

    assert found.places.tolist() == ([] if cut else [[0, 0, 120, 90]])


def test_two_examples_that_look_alike_find_a_thing_once():
    near = MARK[1:, 1:]

    (found,) = made("template", examples=[png(MARK), png(near)]).detect([field((50, 60))])

    assert found.places.tolist() in ([[50, 60, 40, 30]], [[51, 61, 39, 29]])


def test_nothing_is_found_in_what_is_all_but_flat():
    faint = np.random.default_rng(0).integers(100, 103, (400, 500, 3), np.uint8)

    assert [len(found) for found in made("template", examples=[png(MARK)]).detect([faint, plain(500, 400)])] == [0, 0]


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ("no base64!", "no PNG"),
        (base64.b64encode(b"GIF89a").decode(), "no PNG"),
        (png(MARK)[:200], "no PNG"),
        (png(plain(20, 20)), "all of one colour"),
        (png(texture(20, 5)), "20 x 5 pixels"),
        (png(texture(600, 20)), "600 x 20 pixels"),
    ],
)
def test_an_example_that_shows_nothing_is_refused_by_its_number(example, said):
    with pytest.raises(Invalid) as refused:
        made("template", examples=[png(MARK), example])

    assert said in refused.value.fields["examples.1"]


def test_the_smallest_is_no_larger_than_the_largest():
    with pytest.raises(Invalid) as refused:
        made("template", examples=[png(MARK)], smallest=3)

    assert refused.value.fields == {"smallest": "Smallest: give at most 1.25, as the largest is that."}
