"""Many threads share a transaction, and each waits for its own note to be written."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.outbox.together import Together


def test_everybody_gets_their_own_result_and_lots_are_shared() -> None:
    lots: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        lots.append(len(items))
        time.sleep(0.002)
        return [2 * item for item in items]

    together = Together[int, int](work)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(together.do, range(400))) == [2 * n for n in range(400)]
    assert sum(lots) == 400
    assert len(lots) < 200


def test_one_lot_at_a_time_and_none_too_large() -> None:
    inside = threading.Lock()

    def work(items: Sequence[int]) -> Sequence[int]:
        assert inside.acquire(blocking=False), "two at once"
        assert len(items) <= 3
        time.sleep(0.001)
        inside.release()
        return items

    together = Together[int, int](work, most=3)
    with ThreadPoolExecutor(12) as threads:
        assert sorted(threads.map(together.do, range(120))) == list(range(120))


def test_a_lot_that_fails_fails_for_all_in_it_and_the_next_goes_on() -> None:
    def work(items: Sequence[int]) -> Sequence[int]:
        time.sleep(0.001)
        if any(item % 50 == 7 for item in items):
            raise ConnectionError("away")
        return items

    together = Together[int, int](work, most=5)
    done: list[int] = []

    def one(item: int) -> None:
        try:
            done.append(together.do(item))
        except ConnectionError:
            done.append(-1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(200)))
    assert len(done) == 200
    assert 4 <= done.count(-1) <= 20
    with pytest.raises(ConnectionError):
        together.do(7)
    assert together.do(8) == 8
