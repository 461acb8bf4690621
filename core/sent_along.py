"""What people send in a chat besides words: a photo of a code, and the place where they are."""

from __future__ import annotations

from collections.abc import Callable

from core.dialogue import Ask
from core.errors import Unclear
from core.position import MENU
from core.qr.payload import kind_of, read_cccd_card
from core.scans import about, is_owner
from core.session import Talk
from core.turn import Turn

OWN_QR = "qr"
AREA = "area"


def hear_scan(turn: Turn, scanned: str, unfinished: Callable[[Talk], bool]) -> bool:
    """A citizen card answers the questions that it can; about any other code something is said.

    What was asked stays asked. Somebody's own personal QR leads to what is known of it today.
    """
    if kind_of(scanned) == "cccd-card" and _wants(turn) == "paper":
        _fill_in(turn, scanned)
        turn.settle()
        return True
    busy = turn.session.talk is not None and unfinished(turn.session.talk)
    if is_owner(scanned, turn.session.person) and not busy:
        turn.start(OWN_QR)
    elif turn.session.talk is None:
        turn.start(MENU)
    turn.settle()
    turn.note = about(scanned, turn.session.person)
    return True


def hear_place(turn: Turn, place: tuple[float, float], unfinished: Callable[[Talk], bool]) -> bool:
    """Is it green where this is? What else was begun can be taken up again by its word."""
    if turn.session.talk is not None and unfinished(turn.session.talk):
        turn.session.parked = turn.session.talk
    turn.start(AREA, {"at": list(place)})
    turn.go("near")
    turn.settle()
    return True


def _fill_in(turn: Turn, scanned: str) -> None:
    """The card's number, and the year of birth that stands on it."""
    card = read_cccd_card(scanned)
    try:
        turn.answer(card.number)
        if _wants(turn) == "birth year":
            turn.answer(str(card.birth_date.year))
    except Unclear as unclear:
        turn.note = unclear.hint


def _wants(turn: Turn) -> str | None:
    step = turn.step() if turn.session.talk is not None else None
    return step.wants if isinstance(step, Ask) else None
