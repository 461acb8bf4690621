"""One writer for many threads: what they note down in the same moments shares a transaction.

A transaction costs little more for thirty notes than for one. Whoever must know the answer waits
for it (`ask`); whoever need not goes on at once (`tell`). Notes are written in the order in which
they came: what one thread tells is never later than what it asks afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar, cast

import structlog

_log = structlog.get_logger("outbox")

T = TypeVar("T")
R = TypeVar("R")

GATHER: Final = 0.015
"""Seconds for which the first note of a lot waits for others, unless one is in a hurry."""

IDLE: Final = 1.0
"""After so many seconds without a note the writer ends; the next note starts another one."""


Then: TypeAlias = Callable[[Exception | None], object]
"""Called on the thread that writes, when the note is written, or with what kept it from that."""


@dataclass(slots=True)
class _Piece(Generic[T, R]):
    note: T
    hurried: bool
    then: Then
    answer: R | None = None
    error: Exception | None = None


class Scribe(Generic[T, R]):
    """`write` takes notes and gives an answer for each, in their order; it runs once at a time."""

    def __init__(
        self,
        write: Callable[[Sequence[T]], Sequence[R]],
        *,
        hurried: Callable[[T], bool] = lambda _: False,
        gather: float = GATHER,
        most: int = 200,
    ) -> None:
        self._write = write
        self._hurried = hurried
        self._gather = gather
        self._most = most
        self._changed = threading.Condition()
        self._waiting: list[_Piece[T, R]] = []
        self._at_work = False

    def ask(self, note: T) -> R:
        """The answer to this note. Raises what `write` raised for the lot in which it was."""
        gate = threading.Lock()
        gate.acquire()
        piece = self._take(note, lambda _: gate.release())
        gate.acquire()
        if piece.error is not None:
            raise piece.error
        return cast(R, piece.answer)

    def tell(self, note: T, then: Then = lambda _: None) -> None:
        """The same, without waiting for it."""
        self._take(note, then)

    def _take(self, note: T, then: Then) -> _Piece[T, R]:
        piece: _Piece[T, R] = _Piece(note, self._hurried(note), then)
        with self._changed:
            self._waiting.append(piece)
            if not self._at_work:
                self._at_work = True
                threading.Thread(target=self._run, name="scribe", daemon=True).start()
            elif len(self._waiting) == 1 or piece.hurried or len(self._waiting) >= self._most:
                self._changed.notify()
        return piece

    def _run(self) -> None:
        while lot := self._next():
            try:
                answers = self._write([piece.note for piece in lot])
                for piece, answer in zip(lot, answers, strict=True):
                    piece.answer = answer
            except Exception as error:  # noqa: BLE001  (each of those who wait raises it)
                for piece in lot:
                    piece.error = error
            for piece in lot:
                try:
                    piece.then(piece.error)
                except Exception:  # noqa: BLE001  (whoever was told so must not keep the others from it)
                    _log.exception("a note was written, and what followed broke")

    def _next(self) -> Sequence[_Piece[T, R]]:
        """What is to be written together; nothing, when it is time to end."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting, IDLE):
                self._at_work = False
                return ()
            self._changed.wait_for(self._complete, self._gather)
            lot, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            return lot

    def _complete(self) -> bool:
        return len(self._waiting) >= self._most or any(piece.hurried for piece in self._waiting)
