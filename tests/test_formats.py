"""What formats are made of: which spans are kept, where words end, what files may be called."""

from itertools import pairwise
from time import monotonic

from hypothesis import example, given
from hypothesis import strategies as st

from annotator.formats.conll import outermost
from annotator.formats.names import Names, file_name
from annotator.formats.words import words


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda pair: (pair[0], sum(pair)))))
def test_kept_spans_share_no_character_and_what_is_dropped_shares_one_with_a_longer(spans):
    kept = outermost(spans)

    assert all(before[1] <= after[0] for before, after in pairwise(kept))
    for start, end in set(spans) - set(kept):
        assert any(a < end and start < b and b - a >= end - start for a, b in kept)


@given(
    st.text(alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("👩‍🇺🇸é ש\n東")), max_size=60)
)
def test_words_are_all_of_a_text_but_its_white_space(sample):
    ranges = list(words(sample, {3, 7}))

    assert all(start < end for start, end in ranges)
    assert all(before[1] <= after[0] for before, after in pairwise(ranges))
    assert "".join(sample[slice(*one)] for one in ranges) == "".join(sample.split())


def test_words_keep_what_a_reader_sees_as_one_character():
    sample = "שָׁלוֹם cafe\u0301 👍🏽 🇩🇪🇫🇷 日本 नमस्ते x_1"

    found = [sample[start:end] for start, end in words(sample, set())]

    assert found == ["שָׁלוֹם", "cafe\u0301", "👍🏽", "🇩🇪", "🇫🇷", "日", "本", "नमस्ते", "x_1"]


@given(st.lists(st.text(max_size=300)))
@example(["0 .0", "0 .0"])
def test_no_two_files_are_called_alike_and_every_system_takes_their_names(wanted):
    names = Names()

    given_names = [names.give(name) for name in wanted]

    assert len({name.casefold() for name in given_names}) == len(wanted)
    for name in given_names:
        assert name not in {"", ".", ".."}
        assert not set(name) & set('/\\:*?"<>|\0\r\n')
        assert file_name(name) == name
        assert len(name) < 170


def test_very_many_files_of_one_name_are_numbered_in_no_time():
    names, start = Names(), monotonic()

    given_names = [names.give("image.jpg") for _ in range(20_000)]

    assert (given_names[0], given_names[-1]) == ("image.jpg", "image (20000).jpg")
    assert monotonic() - start < 10
