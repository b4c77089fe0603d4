"""Expressions and lists of phrases: their places are code points of the text."""

import re

import ahocorasick
import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.errors import Invalid
from tests.detectors.scenes import made

LETTERS = "ab sß İI😀🇺é\u0301שם١.é"
texts = st.text(LETTERS, max_size=30) | st.text(max_size=30)


def stretches(found, text):
    return [text[start:end] for start, end in found.places.tolist()]


def refused(name, **config):
    with pytest.raises(Invalid) as refusal:
        made(name, **config)
    return refusal.value.fields


def test_matches_are_found_after_emoji_and_in_right_to_left_text():
    text = "😀😀 שלום id-12 👩‍👩‍👧 id-7 مرحبا id-99"

    (found,) = made("expression", pattern=r"id-\d+", label="id").detect([text])

    assert stretches(found, text) == ["id-12", "id-7", "id-99"]
    assert set(found.labels) == {"id"}
    assert found.scores.tolist() == [1, 1, 1]


@settings(max_examples=100, deadline=None)
@given(texts, st.sampled_from([r".", r"a+b?", r"[^a]", r"\s+|s", r"\pL+", r"(?i)i|ß", r"\C", r"😀?é"]))
def test_expressions_match_where_re2_does(text, pattern):
    (found,) = made("expression", pattern=pattern).detect([text])

    if "\\C" in pattern:
        assert all(len(part) == 1 for part in stretches(found, text))
    else:
        theirs = [match.span() for match in re2.finditer(pattern, text.encode(errors="replace").decode())]
        whole = not re.search("[\ud800-\udfff]", text)
        assert not whole or found.places.tolist() == [list(span) for span in theirs if span[0] < span[1]]


def test_a_group_is_marked_where_that_is_asked_for():
    text = "Dr. Ada and Dr. Bob, Mr. Eve"

    (found,) = made("expression", pattern=r"(Dr)\. (\pL+)|Mr\.", group=2).detect([text])

    assert stretches(found, text) == ["Ada", "Bob"]


def test_case_may_be_ignored():
    text = "Ära ÄRA ära"

    (found,) = made("expression", pattern="ära", ignore_case=True).detect([text])

    assert len(found) == 3


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)b", "(?<!a)b", "a{2000}", r"\pL{1,1000}x", "\\"])
def test_a_pattern_that_cannot_be_taken_is_refused_with_what_is_wrong(pattern):
    said = refused("expression", pattern=pattern)["pattern"]

    assert said.startswith("Pattern: RE2 does not take this (")


@pytest.mark.parametrize("pattern", ["x*", "(a|)", "^", r"(?:\b|\B)", ".?"])
def test_a_pattern_that_matches_nothing_at_all_is_refused(pattern):
    assert "even where there is nothing" in refused("expression", pattern=pattern)["pattern"]


def test_a_group_that_the_pattern_lacks_is_refused():
    assert "has 1 of them" in refused("expression", pattern="(a)b", group=2)["group"]


def test_an_expression_that_takes_quadratic_time_is_broken_off(monkeypatch):
    monkeypatch.setattr("detectors.kinds.matching.SECONDS", 0.05)

    with pytest.raises(Invalid) as refusal:
        made("expression", pattern="a[^z]*z|a").detect(["a" * 200_000])

    assert "takes more than" in refusal.value.fields["pattern"]


def test_no_more_is_found_than_a_sheet_holds():
    text = "a" * 30_000

    for detector in (made("expression", pattern="a"), made("dictionary", phrases=["a"], whole_words=False)):
        assert detector.detect([text])[0].places[-1].tolist() == [19_999, 20_000]


def test_phrases_are_found_as_whole_words_the_longest_first():
    text = "New York City, new york and NEW YORKERS, York"

    (found,) = made("dictionary", phrases=["New York", "New York City", "York", "  "]).detect([text])

    assert stretches(found, text) == ["New York City", "new york", "York"]


def test_case_and_parts_of_words_and_overlaps_count_as_asked_for():
    text = "Ananas ana"

    (found,) = made("dictionary", phrases=["ana", "nan"], whole_words=False, ignore_case=False, longest=False).detect(
        [text]
    )

    assert found.places.tolist() == [[1, 4], [2, 5], [7, 10]]


def test_an_accent_that_is_a_character_of_its_own_belongs_to_the_word():
    (found,) = made("dictionary", phrases=["cafe"]).detect(["cafe\u0301 cafe"])

    assert found.places.tolist() == [[6, 10]]


def test_places_are_right_where_folding_makes_the_text_longer():
    text = "Straße İstanbul ﬁne STRASSE"

    (found,) = made("dictionary", phrases=["strasse", "istanbul", "İstanbul", "fine", "s"], whole_words=False).detect(
        [text]
    )

    assert stretches(found, text) == ["Straße", "İstanbul", "ﬁne", "STRASSE"]


@settings(max_examples=100, deadline=None)
@given(texts, st.lists(st.text(LETTERS, min_size=1, max_size=4).filter(str.strip), min_size=1, max_size=8))
def test_phrases_are_found_where_ahocorasick_finds_them(text, phrases):
    phrases = [phrase.strip() for phrase in phrases]
    automaton = ahocorasick.Automaton()
    for phrase in phrases:
        automaton.add_word(phrase, len(phrase))
    automaton.make_automaton()
    theirs = sorted([end + 1 - size, end + 1] for end, size in automaton.iter(text))

    (every,) = made("dictionary", phrases=phrases, whole_words=False, ignore_case=False, longest=False).detect([text])
    (folded,) = made("dictionary", phrases=phrases, whole_words=False).detect([text])
    (whole,) = made("dictionary", phrases=phrases, longest=False).detect([text])

    assert sorted(every.places.tolist()) == theirs
    wanted = {phrase.casefold() for phrase in phrases}
    for found in (folded, whole):
        assert {part.casefold() for part in stretches(found, text)} <= wanted
    for start, end in whole.places.tolist():
        assert not (start and text[start - 1].isalnum() and text[start].isalnum())
        assert not (end < len(text) and text[end - 1].isalnum() and text[end].isalnum())
    assert all(end <= start for (_, end), (start, _) in zip(folded.places, folded.places[1:], strict=False))


def test_fifty_thousand_phrases_are_one_list():
    phrases = [f"term {number}" for number in range(50_000)]

    (found,) = made("dictionary", phrases=phrases).detect(["term 7, term 49999, term 50000"])

    assert found.places.tolist() == [[0, 6], [8, 18]]


def test_a_list_without_phrases_or_with_all_too_much_is_refused():
    assert refused("dictionary", phrases=[" ", ""]) == {"phrases": "Phrases: write at least one."}
    assert "at most 2,000,000 characters" in refused("dictionary", phrases=["x" * 400] * 5001)["phrases"]
