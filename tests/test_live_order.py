"""The live session's small parts by themselves: the order of frames [W3], rates [W11], the database's silence."""

import asyncio
import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.live.order import Frame, Order
from annotator.live.pool import Away, Pool
from annotator.live.rate import LONGEST_DEBT, Rate
from annotator.live.sending import Sending


def chain(lengths, start=0):
    """Frames of these lengths, one after the other."""
    frames = []
    for length in lengths:
        frames.append(Frame(start, start + length, text=f"{start}-{start + length}"))
        start += length
    return frames


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=20), randomness=st.randoms())
def test_whatever_the_order_of_arrival_frames_leave_in_clock_order_and_once(lengths, randomness: random.Random):
    frames = chain(lengths)
    arriving = [*frames, *frames[::3]]
    randomness.shuffle(arriving)
    order = Order()
    order.start(0)

    told = [frame for arrived in arriving for frame, new in order.take(arrived) if new]

    assert told == frames
    assert not order.gap
    assert not order.early


def test_what_was_read_meanwhile_is_not_told_again():
    first, second, third = chain([2, 2, 2])
    order = Order()
    order.start(0)
    assert not list(order.take(second))
    assert order.gap

    caught_up = Frame(0, 4, text="caught up")
    told = list(order.take(caught_up))

    assert told == [(caught_up, True), (second, False)]
    assert list(order.take(first)) == [(first, False)]
    assert list(order.take(third)) == [(third, True)]


async def test_frames_that_come_together_leave_for_other_processes_together():
    sent: asyncio.Queue[list[Frame]] = asyncio.Queue()
    sending = Sending(sent.put_nowait)
    first, second, third = chain([2, 1, 3])

    sending.add(first)
    sending.add(second)
    assert await sent.get() == [first, second]
    sending.add(third)
    assert await sent.get() == [third]


def test_an_answer_waits_until_its_clock_has_come():
    first, answer = Frame(0, 3, text="three operations"), Frame(3, 3)
    order = Order()
    order.start(0)

    assert not list(order.take(answer))
    assert list(order.take(first)) == [(first, True), (answer, False)]


def test_until_someone_has_read_the_sheet_everything_waits():
    first, second = chain([1, 1], start=7)
    order = Order()
    assert not list(order.take(second))
    assert not list(order.take(first))

    order.start(8)

    assert list(order.ready()) == [(first, False), (second, True)]


def test_a_rate_allows_a_seconds_worth_at_once_and_no_more():
    rate = Rate(200)
    start = rate.at

    allowed = sum(rate.allows() for _ in range(300))

    assert 200 <= allowed <= 200 + 200 * (rate.at - start)


def test_what_is_larger_than_a_seconds_worth_is_paid_for_afterwards_within_reason():
    rate = Rate(200)

    assert rate.allows(5_000)
    assert not rate.allows()
    rate.at -= LONGEST_DEBT + 0.1
    assert rate.allows()


def test_who_comes_too_often_waits_for_a_turn():
    rate = Rate(10)
    start = rate.at

    turns = [rate.turn() for _ in range(30)]

    assert turns[:10] == [0] * 10
    assert 1.99 - (rate.at - start) < turns[-1] <= 2


async def test_a_database_that_does_not_answer_is_away():
    pool, answer = Pool(1, "hanging", longest=0.05), threading.Event()

    with pytest.raises(Away):
        await pool.run(answer.wait)

    answer.set()
