"""A company that carries texts: a real server which counts, by person, what it was given.

Whatever it takes it has taken when the request is read; the answer comes `seconds` later. So a
sender that dies in between, or does not wait so long, cannot know.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self

Mood = Literal["well", "late", "down"]
LATE = 4.5
"""Seconds after which it answers when it is late: longer than any sender of the tests waits."""


class Company:
    """`mood` decides on each message by its id; `drops_repeats`: by that id, like a bank."""

    def __init__(
        self,
        *,
        seconds: float = 0.02,
        drops_repeats: bool = False,
        took: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.seconds = seconds
        self.mood: Callable[[str], Mood] = lambda _: "well"
        self.got: Counter[str] = Counter()
        """Texts that each person got."""
        self.ids: dict[str, set[str]] = defaultdict(set)
        """The ids under which they came, by person."""
        self.asked: Counter[str] = Counter()
        """Requests, by id."""
        self.late: set[str] = set()
        """Ids of which the sender could not know in time that they were taken."""
        self._drops_repeats = drops_repeats
        self._took = took
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def copies(self) -> dict[str, int]:
        """Who got more than one text, and how many more."""
        return {person: count - 1 for person, count in self.got.items() if count > 1}

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=500)
        )
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                asked = json.loads(await reader.readexactly(length))
                status, seconds = self._take(asked["id"], asked["to"])
                if seconds:
                    await asyncio.sleep(seconds)
                body = json.dumps({"ref": asked["id"]}).encode()
                answer = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                writer.write(answer + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _take(self, name: str, person: str) -> tuple[int, float]:
        mood = self.mood(name)
        self.asked[name] += 1
        if mood == "down":
            return 503, 0.0
        if not (self._drops_repeats and self.asked[name] > 1 and name in self.ids[person]):
            self.got[person] += 1
        self.ids[person].add(name)
        self._took(name)
        if mood == "late":
            self.late.add(name)
            return 200, LATE
        return 200, self.seconds
