from long_words import LongWords, Settings

from detectors.kinds.checks import complaints


def test_it_keeps_to_what_detectors_keep_to() -> None:
    assert list(complaints(LongWords, {"letters": 3})) == []


def test_a_long_word_is_found_where_it_stands() -> None:
    (found,) = LongWords(Settings(letters=6)).detect(["😀 a kettle"])

    assert found.places.tolist() == [[4, 10]]
    assert found.labels.tolist() == ["long word"]
