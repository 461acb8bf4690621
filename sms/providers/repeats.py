"""Tells repeats of texts that a company brings without any id of its own."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field

REPEATS_WITHIN = 10
"""Seconds. The same words from the same number within so long are a repeat; a person who gives two
questions the same answer takes longer, because the second question must arrive first."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Makes an id of what was said and when. `secret` keeps it from being guessed backwards:
    it is stored in clear. `clock` gives Unix seconds."""

    secret: str = field(repr=False)
    clock: Callable[[], float] = time.time

    def id_of(self, written: str, to: str, text: str) -> str:
        """The same for a repeat, unless the two lie on either side of a full span."""
        span = int(self.clock()) // REPEATS_WITHIN
        said = "\n".join((str(span), written, to, text)).encode()
        return hmac.new(self.secret.encode(), said, hashlib.sha256).hexdigest()[:40]
