"""A page that goes out in several messages: what failed half-way goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.ports import Notes

Part = TypeVar("Part")
Result = TypeVar("Result")

_DAY = 86400


def send_parts(
    parts: Sequence[Part],
    outgoing_id: str,
    notes: Notes,
    send: Callable[[Part, bool], Result],
) -> Result:
    """Sends those that were not sent yet, in order; gives what came of the last one.

    `send` is told whether a part is the last. The same `outgoing_id` goes on where it stopped.
    """
    note = f"parts:{outgoing_id}"
    done = int(notes.get(note) or 0) if len(parts) > 1 else 0
    for place, part in enumerate(parts[done:-1], done + 1):
        send(part, False)
        notes.put(note, str(place), _DAY)
    return send(parts[-1], True)
