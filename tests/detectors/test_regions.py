"""Regions of a colour, and outlines."""

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import deltaE_cie76, rgb2lab

from detectors.kinds.outlines import regions
from projects.errors import Invalid
from tests.detectors.scenes import made, plain, texture

ONE = np.ones(2)


def signs():
    """A red rectangle, a red disc, and a green one."""
    picture = plain(200, 120)
    picture[10:50, 20:80] = (220, 20, 30)
    cv2.circle(picture, (150, 60), 30, (220, 20, 30), cv2.FILLED)
    cv2.circle(picture, (50, 90), 20, (20, 180, 40), cv2.FILLED)
    return picture


def test_regions_of_a_colour_are_found_along_the_sides_of_their_pixels():
    (found,) = made("colours", colour="#dc141e", tolerance=5).detect([signs()])

    areas = {
        tuple(place): shapely.Polygon(ring).area for place, ring in zip(found.places.tolist(), found.rings, strict=True)
    }
    assert areas[(20, 10, 60, 40)] == 2400
    assert areas[(120, 30, 61, 61)] == pytest.approx(np.pi * 30.5**2, rel=0.04)
    assert len(found) == 2
    assert found.scores == pytest.approx([1, 1], abs=0.01)


def test_what_is_nearer_to_the_colour_is_surer():
    picture = signs()
    picture[10:50, 20:80] = (200, 30, 40)

    (found,) = made("colours", colour="#dc141e", tolerance=30, shape="rectangle").detect([picture])

    assert found.places.tolist() == [[120, 30, 61, 61], [20, 10, 60, 40]]
    assert found.scores[0] > found.scores[1] > 0


def test_the_distance_of_colours_is_that_of_cielab():
    picture = texture(60, 40)
    far = deltaE_cie76(rgb2lab(picture), rgb2lab(np.array([[[136, 136, 136]]], np.uint8)))

    (found,) = made("colours", colour="#888888", tolerance=40, least=1, shape="rectangle").detect([picture])

    count = cv2.connectedComponents((far <= 40).astype(np.uint8), connectivity=8)[0] - 1
    assert len(found) == count > 3


def test_small_regions_are_left_out_by_their_area_in_the_picture():
    large = cv2.resize(signs(), None, fx=10, fy=10, interpolation=cv2.INTER_NEAREST)

    (some,) = made("colours", colour="#dc141e", least=250_000, longest=500).detect([large])

    assert len(some) == 1
    assert some.places[0] == pytest.approx([1200, 300, 610, 610], abs=10)


def test_objects_are_found_by_their_edges_and_by_being_darker():
    for config in ({"by": "edges"}, {"by": "dark"}):
        (found,) = made("contours", **config).detect([signs()])

        assert found.places == pytest.approx(np.array([[20, 10, 60, 40], [30, 70, 41, 41], [120, 30, 61, 61]]), abs=2)


def test_what_is_brighter_is_found_by_otsus_threshold_as_by_opencvs():
    picture = texture(150, 100)
    threshold, mask = cv2.threshold(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU
    )

    (chosen,) = made("contours", by="bright", least=1, shape="rectangle").detect([picture])
    (given,) = made("contours", by="bright", threshold=int(threshold), least=1, shape="rectangle").detect([picture])

    assert len(chosen) == cv2.connectedComponents(mask, connectivity=8)[0] - 1
    assert chosen.places.tolist() == given.places.tolist()


@pytest.mark.parametrize("config", [{"by": "edges"}, {"by": "dark"}, {"by": "bright"}])
def test_of_one_colour_nothing_stands_out(config):
    assert len(made("contours", **config).detect([plain(50, 50, (90, 90, 90))])[0]) == 0


def test_a_weak_edge_is_no_stronger_than_a_strong_one():
    with pytest.raises(Invalid) as refused:
        made("contours", weak=200, strong=100)

    assert refused.value.fields == {"weak": "Weak edge: give at most 100, as strong edges have that."}


def test_noise_gives_no_more_than_a_sheet_holds_and_the_largest():
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1000, 3), np.uint8)

    (found,) = made("colours", tolerance=60, least=1, shape="rectangle").detect([noise])

    assert len(found) == 20_000
    assert found.places[:, 2:].prod(axis=1).min() >= 1


masks = st.integers(1, 9).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 1), min_size=width, max_size=width), min_size=1, max_size=9)
)


@settings(max_examples=100, deadline=None)
@given(masks, st.sampled_from([0, 0.5, 1, 3]))
def test_outlines_never_cross_themselves_and_hold_their_region(rows, simplify):
    mask = np.array(rows, np.uint8)

    found = regions(mask, ONE, shape="polygon", least=1, simplify=simplify, label="x")

    count, _ = cv2.connectedComponents(mask, connectivity=8)
    shapes = [shapely.Polygon(ring) for ring in found.rings or ()]
    assert len(shapes) == count - 1
    for shape in shapes:
        assert shape.is_valid
        assert shapely.box(0, 0, mask.shape[1], mask.shape[0]).covers(shape)
    if simplify == 0 and shapes:
        middles = shapely.MultiPoint(np.argwhere(mask)[:, ::-1] + 0.5)
        assert shapely.union_all(shapes).covers(middles)
