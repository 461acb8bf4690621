"""Where a check-in cuts in: before the menu, and in the middle of something else."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from core.dialogues import check_in
from core.position import CHECK_IN
from core.turn import Turn

_log = structlog.get_logger("conversation")


def offered(turn: Turn) -> bool:
    """Shows whoever has not answered yet the question how they are, before anything else."""
    if turn.around.check_ins.asked_at(turn.session.person.id) is None:
        return False
    try:
        turn.start(CHECK_IN)
        turn.settle()
    except Exception as error:  # noqa: BLE001  (nothing that was not asked for bars the menu)
        _log.warning("check_in_not_offered", error=type(error).__name__)
        return False
    return turn.talk.step != "none"


def meant(turn: Turn, said: str, *, another_is_open: Callable[[], bool]) -> str | None:
    """The feeling that a text tells, where it answers the question how somebody is; else None.

    Another question that stands open where this was said comes first, unless that one was asked since.
    """
    feeling = check_in.heard(said)
    if feeling is None:
        return None
    check_ins, session = turn.around.check_ins, turn.session
    asked = check_ins.asked_at(session.person.id)
    if another_is_open():
        return feeling if asked is not None and asked.timestamp() > session.at else None
    return feeling if asked is not None or check_ins.of(session.person.id) else None
