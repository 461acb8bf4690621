"""Many threads share a transaction; whoever asks waits for the answer, whoever tells goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.outbox.scribe import Scribe


def test_everybody_gets_their_own_answer_and_lots_are_shared() -> None:
    lots: list[int] = []

    def write(notes: Sequence[int]) -> list[int]:
        lots.append(len(notes))
        return [2 * note for note in notes]

    scribe = Scribe[int, int](write)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(scribe.ask, range(400))) == [2 * n for n in range(400)]
    assert sum(lots) == 400
    assert len(lots) < 200


def test_one_lot_at_a_time_and_none_too_large() -> None:
    inside = threading.Lock()

    def write(notes: Sequence[int]) -> Sequence[int]:
        assert inside.acquire(blocking=False), "two at once"
        assert len(notes) <= 3
        time.sleep(0.001)
        inside.release()
        return notes

    scribe = Scribe[int, int](write, most=3)
    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(scribe.ask, range(120))) == list(range(120))


def test_what_is_told_is_never_later_than_what_the_same_thread_asks_then() -> None:
    written: list[tuple[int, str]] = []

    def write(notes: Sequence[tuple[int, str]]) -> Sequence[None]:
        time.sleep(0.001)
        written.extend(notes)
        return [None] * len(notes)

    scribe = Scribe[tuple[int, str], None](write, gather=0.0, most=3)

    def work(thread: int) -> None:
        for number in range(20):
            scribe.tell((thread, f"done {number}"))
            scribe.ask((thread, f"begin {number + 1}"))
            assert (thread, f"done {number}") in written

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))


def test_who_is_in_a_hurry_waits_for_nobody_else() -> None:
    scribe = Scribe[str, None](
        lambda notes: [None] * len(notes), hurried=lambda note: note == "urgent", gather=5.0
    )
    patient = threading.Event()
    scribe.tell("patient", lambda _: patient.set())
    started = time.monotonic()
    scribe.ask("urgent")
    assert time.monotonic() - started < 2.0
    assert patient.wait(1.0), "it was taken along"


def test_a_lot_that_fails_fails_for_all_in_it_and_the_next_goes_on() -> None:
    def write(notes: Sequence[int]) -> Sequence[int]:
        if any(note % 50 == 7 for note in notes):
            raise ConnectionError("away")
        return notes

    scribe = Scribe[int, int](write, most=5)
    done: list[int] = []

    def one(note: int) -> None:
        try:
            done.append(scribe.ask(note))
        except ConnectionError:
            done.append(-1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(200)))
    assert len(done) == 200
    assert 4 <= done.count(-1) <= 20
    with pytest.raises(ConnectionError):
        scribe.ask(7)
    assert scribe.ask(8) == 8


def test_the_writer_goes_home_and_comes_back() -> None:
    scribe = Scribe[int, int](lambda notes: notes)
    assert scribe.ask(1) == 1
    until = time.monotonic() + 10
    while any(one.name == "scribe" for one in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert scribe.ask(2) == 2


def test_what_follows_a_note_may_break_and_the_next_is_written() -> None:
    told: list[Exception | None] = []

    def write(notes: Sequence[int]) -> Sequence[int]:
        if 3 in notes:
            raise ConnectionError("away")
        return notes

    def breaks(_error: Exception | None) -> None:
        raise RuntimeError("cannot start a thread")

    scribe = Scribe[int, int](write)
    scribe.tell(1, breaks)
    assert scribe.ask(2) == 2
    scribe.tell(3, told.append)
    with pytest.raises(ConnectionError):
        scribe.ask(3)
    scribe.tell(4, told.append)
    assert scribe.ask(5) == 5
    assert isinstance(told[0], ConnectionError)
    assert told[1] is None
