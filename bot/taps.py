"""What a button carries and brings back: the name of its screen, and the key of its option."""

from __future__ import annotations

import re
from typing import Any, Final

from core.hear import MORE

MOST_OCTETS: Final = 64
"""What the narrowest network (Telegram) gives back when a button is tapped."""

OLD: Final = "?"
"""Stands for a screen that is surely not the one on show."""

_TAP: Final = re.compile(r"([0-9a-z]{0,16}):([^\x00-\x1f]{1,63})")


def carry(screen: str, key: str) -> str:
    """What the button of this option carries; not longer than MOST_OCTETS where the key is short."""
    return f"{screen}:{key}"


def tapped(carried: str) -> dict[str, Any]:
    """What the tap says, as fields of an Inbound. What we never offered counts as an old button."""
    tap = _TAP.fullmatch(carried)
    if tap is None:
        return {"option": OLD, "screen": OLD}
    screen, key = tap.groups()
    if key == "more" or not screen:
        # A page without a name is a notice: its button says a word, at any time.
        return {"said": (MORE if key == "more" else key,)}
    return {"option": key, "screen": screen}
