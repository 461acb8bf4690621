"""Work of many threads, done together: whoever comes while some is under way joins the next lot.

So a transaction that costs little more for twenty notes than for one is shared by twenty threads,
and each still waits until its own is written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Piece(Generic[T, R]):
    __slots__ = ("error", "item", "leads", "ready", "result")

    def __init__(self, item: T) -> None:
        self.item = item
        self.ready = threading.Event()
        self.leads = False
        self.result: R | None = None
        self.error: Exception | None = None


class Together(Generic[T, R]):
    """`work` takes items and gives a result for each, in their order; it runs once at a time."""

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]], *, most: int = 200) -> None:
        self._work = work
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Piece[T, R]] = []
        self._busy = False

    def do(self, item: T) -> R:
        """The result for this item. Raises what `work` raised for the lot in which it was."""
        mine = _Piece[T, R](item)
        with self._lock:
            self._waiting.append(mine)
            if self._busy:
                leads = False
            else:
                leads = self._busy = True
        if not leads:
            mine.ready.wait()
        if leads or mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.result  # type: ignore[return-value]  # `work` gave one for each

    def _lead(self) -> None:
        """Does one lot, and hands the lead to whoever came meanwhile."""
        with self._lock:
            lot, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            for piece, result in zip(lot, self._work([one.item for one in lot]), strict=True):
                piece.result = result
        except Exception as error:  # noqa: BLE001  (each of those who wait raises it)
            for piece in lot:
                piece.error = error
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            if following is None:
                self._busy = False
            else:
                following.leads = True
        for piece in lot:
            piece.ready.set()
        if following is not None:
            following.ready.set()
