"""Which detectors there are, and what is said of configurations that are wrong."""

import sys
import tomllib
from runpy import run_path

import pytest
from django.conf import settings

from detectors.kinds import registry
from detectors.pipelines.checking import checked
from detectors.pipelines.graph import Edge, Graph, Node
from projects.errors import Invalid

GOOD = """
import msgspec
from detectors.found import spans

class Settings(msgspec.Struct):
    word: str = "x"

class Words:
    name, title, takes, Config = "words", "Words", "text", Settings
    finds = ("word",)

    def __init__(self, config):
        self.word = config.word

    def detect(self, batch):
        return [spans([(0, len(self.word))] if text.startswith(self.word) else [], "word", 1.0) for text in batch]
"""


OURS = [name for name in registry.DETECTORS if name not in registry.OUTSIDE]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A package with the entry points given, and a module of the same name."""

    def put(package, source, *points):
        (tmp_path / f"{package}.py").write_text(source)
        about = tmp_path / f"{package}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text("\n".join(["[annotator.detectors]", *points]))

    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield put
    for name in set(sys.modules) - before:
        del sys.modules[name]


def refused(name, config):
    with pytest.raises(Invalid) as refusal:
        registry.made(name, config)
    return refusal.value.fields


def kinds():
    return list(registry.listing({}, lambda name: None))


def test_ours_are_listed_with_what_their_forms_need():
    listed = {kind.name: kind for kind in kinds()}

    assert [kind for kind in listed if not listed[kind].broken] == OURS
    assert (listed["faces"].title, listed["faces"].takes) == ("Faces", "image")
    assert listed["expression"].takes == "text"
    assert listed["expression"].schema["required"] == ["pattern"]
    assert listed["colours"].schema["properties"]["tolerance"] | {"description": ""} == {
        "title": "Tolerance",
        "description": "",
        "type": "number",
        "minimum": 0,
        "maximum": 250,
        "default": 20.0,
    }


def test_another_packages_detector_is_listed_and_made(install):
    install("words_for_us", GOOD, "words = words_for_us:Words")

    assert kinds()[-1].title == "Words"
    assert registry.made("words", {"word": "ab"}).detect(["abc"])[0].places.tolist() == [[0, 2]]


def test_the_template_for_authors_is_listed_and_passes_its_own_test(install):
    folder = settings.BASE_DIR / "docs" / "detector-template"
    points = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["entry-points"][registry.GROUP]
    install("long_words", (folder / "long_words.py").read_text(), *(f"{name} = {of}" for name, of in points.items()))

    tests = [one for name, one in run_path(str(folder / "test_long_words.py")).items() if name.startswith("test_")]

    for test in tests:
        test()
    assert len(tests) == 2
    assert kinds()[-1].title == "Long words"


@pytest.mark.parametrize(
    ("source", "point", "said"),
    [
        ("raise RuntimeError('no GPU')", "words = broken:Words", "cannot be loaded (RuntimeError: no GPU)"),
        ("import sys; sys.exit(3)", "words = broken:Words", "cannot be loaded (SystemExit: 3)"),
        ("import nothing_like_it", "words = broken:Words", "No module named 'nothing_like_it'"),
        ("", "words = broken:Words", "has no attribute 'Words'"),
        ("class Words: pass", "words = broken:Words", "cannot be loaded (AttributeError"),
        (GOOD.replace('"text"', '"sound"'), "words = broken:Words", "take “image” or “text”"),
        (GOOD, "phrases = broken:Words", "must say that its name is “phrases”"),
        (GOOD, "faces = broken:Words", "has the name of another one"),
    ],
)
def test_a_broken_one_is_told_of_and_the_others_stay(install, source, point, said):
    install("broken", source, point)

    *ours, last = kinds()

    assert [kind.name for kind in ours] == OURS
    assert "of broken" in last.broken
    assert said in last.broken
    if last.name not in registry.DETECTORS:
        assert said in refused(last.name, {})["detector"]


def test_what_another_version_of_a_package_found_is_known_by_another_hash(install, tmp_path):
    def hashed():
        nodes = (Node("texts", "items", {"of": "text"}), Node("words", "words", {}))
        plan, _ = checked(Graph(nodes, (Edge("texts", "words"),)), registry.made)
        return plan.hashes["words"]

    install("words_for_us", GOOD, "words = words_for_us:Words")
    first = hashed()
    assert first == hashed()

    about = tmp_path / "words_for_us-1.0.dist-info" / "METADATA"
    about.write_text(about.read_text().replace("1.0", "1.1"))
    registry.version_of.cache_clear()

    assert hashed() != first


def test_two_of_one_name_are_both_refused(install):
    install("one", GOOD, "words = one:Words")
    install("two", GOOD, "words = two:Words")

    assert [bool(kind.broken) for kind in kinds()[-2:]] == [True, True]


def test_a_detector_that_is_not_there_is_refused():
    assert "no detector “nope”" in refused("nope", {})["detector"]


@pytest.mark.parametrize(
    ("name", "config", "fields"),
    [
        ("faces", {"smallest": "x"}, {"smallest": "give a whole number from 1 to 10,000"}),
        ("faces", {"step": 9}, {"step": "give a number from 1.02 to 2"}),
        ("faces", {"step": float("nan")}, {"step": "give a number from 1.02 to 2"}),
        ("faces", {"smallest": 10**30, "label": ""}, {"smallest": "whole number", "label": "give a text of 1 to 100"}),
        ("faces", {"label": "a\0"}, {"label": "Label: it holds a NUL or half a character"}),
        ("dictionary", {"phrases": ["a", "\ud800"]}, {"phrases": "half a character"}),
        ("dictionary", {"phrases": "a"}, {"phrases": "give a list of 1 to 100,000 entries"}),
        ("dictionary", {"phrases": ["a", 5]}, {"phrases.1": "give a text of at most 500 characters"}),
        ("dictionary", {"phrases": ["a"], "longest": 1}, {"longest": "give true or false"}),
        ("contours", {"threshold": 300}, {"threshold": "from 0 to 255, or leave it empty"}),
        ("contours", {"by": "size"}, {"by": "choose one of bright, dark, edges"}),
        ("colours", {"colour": "red"}, {"colour": "as #rrggbb"}),
        ("expression", {}, {"pattern": "give a text of 1 to 2,000 characters"}),
        ("people", {"foo": 1}, {"foo": "There is no such setting here"}),
        ("people", [], {"config": "Send an object"}),
        ("people", None, {"config": "Send an object"}),
    ],
)
def test_each_field_that_is_wrong_is_named_with_what_to_do(name, config, fields):
    told = refused(name, config)

    assert told.keys() == fields.keys()
    for field, said in fields.items():
        assert said in told[field]
