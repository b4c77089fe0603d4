"""Dates, numbers, addresses and the like."""

import pytest

from projects.errors import Invalid
from tests.detectors.scenes import made

CHOICES = ("dates", "numbers", "emails", "addresses", "phones", "money")


def found_in(text, *chosen):
    config = {choice: choice in (chosen or CHOICES) for choice in CHOICES}
    (found,) = made("patterns", **config).detect([text])
    return [
        (text[start:end], label)
        for (start, end), label in zip(found.places.tolist(), found.labels.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("label", "written"),
    [
        (
            "date",
            [
                "2024-05-31",
                "31.5.2024",
                "31. 05. 24",
                "5/31/24",
                "31/12/1999",
                "May 31, 2024",
                "1st June 2020",
                "3. Sept. 1999",
            ],
        ),
        (
            "number",
            ["7", "-1.5", "12,000", "1.000.000,5", "12,34,567", "1’000’000", "١٢٣", "1\u202f000\u202f000", "−3"],
        ),
        ("email", ["bob@example.org", "a.b+c@mail.exämple.co.uk"]),
        ("address", ["https://example.org/a?b=c&d#e", "www.example.org", "http://[::1]:8000/x"]),
        ("phone", ["+44 20 7946 0958", "(020) 7946 0958", "555-123-4567", "0049 30 1234567"]),
        ("money", ["€ 5", "1,200.50 USD", "$3", "₹1,00,000", "12 €", "CHF 1’000"]),
    ],
)
def test_what_is_written_in_one_of_the_usual_ways_is_found(label, written):
    for one in written:
        text = f"😀 את {one}, ok"

        assert found_in(text) == [(one, label)], one


@pytest.mark.parametrize("text", ["abc123", "x@y", "may", "", "a-b", "é7é", "٣ب"])
def test_what_is_part_of_a_word_or_no_such_thing_is_left_alone(text):
    assert found_in(text) == []


def test_only_what_is_chosen_is_found():
    text = "On 2024-05-31 pay 5 USD to bob@example.org"

    assert found_in(text, "dates") == [("2024-05-31", "date")]
    assert found_in(text, "emails", "money") == [("5 USD", "money"), ("bob@example.org", "email")]


def test_an_address_does_not_take_the_sentences_end_along():
    assert found_in("See https://example.org/a. (Or www.b.org!)") == [
        ("https://example.org/a", "address"),
        ("www.b.org", "address"),
    ]


def test_at_least_one_must_be_chosen():
    with pytest.raises(Invalid) as refused:
        found_in("", "none of them")

    assert refused.value.fields == {"dates": "Choose at least one thing to find."}


@pytest.mark.parametrize("text", ["1 2.5 " * 50_000, "11," * 100_000])
def test_a_text_of_numbers_alone_gives_as_many_as_a_sheet_holds(text):
    (found,) = made("patterns").detect([text])

    assert len(found) == 20_000
