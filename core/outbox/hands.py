"""Several hands that work on what is claimed with a lease, and hold on to it while they work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Generic, TypeVar

import structlog

from core.clock import Deadline

_log = structlog.get_logger()

T = TypeVar("T")


class Hands(Generic[T]):
    """Claims work, gives it to `count` threads, renews the leases of what is not finished.

    `claim(n)` hands out up to n pieces; `do(piece)` works on one and deals with its own failures.
    Where it gives a future, the piece is held until that ends, while the hand takes the next one.
    `renew(pieces)` starts their leases anew and gives back those very objects that are still
    ours: what was lost before anybody had begun it is dropped.
    """

    def __init__(
        self,
        name: str,
        *,
        count: int,
        lease: timedelta,
        claim: Callable[[int], Sequence[T]],
        do: Callable[[T], Future[None] | None],
        renew: Callable[[Collection[T]], Collection[T]],
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        # One claim serves all hands once more; when so many wait still, the next one is made, as
        # hands must not wait for it. Some of what is held only waits to be written down.
        self._enough = 2 * count
        self._room = 3 * count
        self._claim = claim
        self._do = do
        self._renew = renew
        self._tick = tick
        self._renew_every = lease.total_seconds() / 3
        self._renewed = tick()
        self._held: dict[int, T] = {}
        self._begun: set[int] = set()
        self._free = threading.Condition()
        self._stopping = False
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)

    def step(self) -> int:
        """Claims as much as there is room for; how much that was. Raises what claiming raises."""
        self._hold_on()
        with self._free:
            held = len(self._held)
        if held > self._enough or self._stopping:
            return 0
        claimed = self._claim(self._room - held)
        with self._free:
            self._held.update((id(piece), piece) for piece in claimed)
        for piece in claimed:
            self._pool.submit(self._work, piece)
        return len(claimed)

    def wait_for_room(self, seconds: float) -> bool:
        """Waits until there is room for more, at most so long; is there?"""
        with self._free:
            return self._free.wait_for(lambda: len(self._held) <= self._enough, seconds)

    def stop(self, seconds: float) -> bool:
        """Takes no more work, lets go of what is not begun, finishes the rest. False: not in time.

        What is let go comes back to others when its lease ends.
        """
        deadline = Deadline.after(seconds, self._tick)
        with self._free:
            self._stopping = True
            self._drop(self._held.keys() - self._begun)
        while self._held and not deadline.passed:
            self._hold_on()
            with self._free:
                self._free.wait_for(lambda: not self._held, min(1.0, deadline.left()))
        self._pool.shutdown(wait=not self._held, cancel_futures=True)
        return not self._held

    def _work(self, piece: T) -> None:
        with self._free:
            if id(piece) not in self._held:
                return
            self._begun.add(id(piece))
        later = None
        try:
            later = self._do(piece)
        except Exception:  # noqa: BLE001  (a failure that `do` did not expect must not cost a hand)
            _log.exception("left to its lease", hands=self.name)
        if later is None:
            self._let_go(piece)
        else:
            later.add_done_callback(lambda _: self._let_go(piece))

    def _let_go(self, piece: T) -> None:
        with self._free:
            self._drop({id(piece)})
            self._begun.discard(id(piece))
            if len(self._held) <= self._enough:
                self._free.notify_all()

    def _hold_on(self) -> None:
        if self._tick() - self._renewed < self._renew_every:
            return
        with self._free:
            held = tuple(self._held.values())
        if held:
            ours = {id(piece) for piece in self._renew(held)}
            with self._free:
                self._drop({id(piece) for piece in held} - ours - self._begun)
        self._renewed = self._tick()

    def _drop(self, pieces: Collection[int]) -> None:
        for piece in pieces:
            self._held.pop(piece, None)
