"""What an invented person's handset has received, for as long as somebody tries things out.

Redis streams: each phone has one, short, of whatever happened in its SMS and chat threads. Only
invented people have such a thread, so nothing here is sealed; it is bounded and soon forgotten.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from redis import Redis

KEPT_EVENTS: Final = 200
"""How many happenings a phone remembers, about."""

KEPT_SECONDS: Final = 6 * 3600
LONGEST_EVENT: Final = 20_000
LARGEST_PHOTO: Final = 300_000
START: Final = "0-0"
"""The place before the first happening."""


class Threads:
    """The threads of all phones. Any number of processes may write and read them."""

    def __init__(
        self, redis: Redis, *, token: Callable[[], str] = lambda: secrets.token_urlsafe(18)
    ) -> None:
        self._redis = redis
        self._token = token

    def add(self, phone: str, event: Mapping[str, Any]) -> None:
        """Something happened on this phone (E.164); what is too large is left out."""
        written = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        if len(written) > LONGEST_EVENT:
            return
        key = f"simulator:thread:{phone}"
        with self._redis.pipeline() as pipe:
            pipe.xadd(key, {"event": written}, maxlen=KEPT_EVENTS, approximate=True)
            pipe.expire(key, KEPT_SECONDS)
            pipe.execute()

    def after(self, phone: str, place: str) -> tuple[str, list[dict[str, Any]]]:
        """What happened since `place`, oldest first, and the place to ask from next time.

        Raises ValueError when `place` is none that was given out.
        """
        moment, _, number = place.partition("-")
        if not (moment.isdecimal() and number.isdecimal() and len(place) < 40):
            raise ValueError("place")
        rows = cast(
            list[tuple[bytes, dict[bytes, bytes]]],
            self._redis.xrange(f"simulator:thread:{phone}", min=f"({place}"),
        )
        newest = rows[-1][0].decode() if rows else place
        return newest, [json.loads(fields[b"event"]) for _, fields in rows]

    def clear(self, phone: str) -> None:
        """Forgets what the phone received."""
        self._redis.delete(f"simulator:thread:{phone}")

    def next_message(self) -> int:
        """A number for a message, as chat networks count them; never the same twice."""
        return int(self._redis.incr("simulator:messages"))

    def keep_photo(self, picture: bytes) -> str | None:
        """Keeps a picture and gives the name to show it by; None when it is too large."""
        if len(picture) > LARGEST_PHOTO:
            return None
        name = self._token()
        self._redis.set(f"simulator:photo:{name}", picture, ex=KEPT_SECONDS)
        return name

    def photo(self, name: str) -> bytes | None:
        """The picture of that name, while it is kept."""
        return cast(bytes | None, self._redis.get(f"simulator:photo:{name}"))
