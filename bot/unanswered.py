"""What it means for a message that a network did not answer: it may have it all the same."""

from __future__ import annotations

from core.errors import PlatformError, SendLater
from core.platform.wire import Unreached


def no_answer(error: PlatformError) -> SendLater:
    """Sure is only that the network has nothing when it took no connection."""
    return SendLater(type(error).__name__.lower(), unsure=not isinstance(error, Unreached))
