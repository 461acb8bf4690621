"""Texts from machines, and far too many texts: noticed, counted, and not answered.

Two machines that answer each other never stop, and every answer is paid for. A person is never
shut out for long: a word that we know is always heard, and a limit ends with its minute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from prometheus_client import Counter

from core import hear
from core.gsm import fold
from core.message import Channel, Inbound
from core.session import Heard, Session

Why = Literal["echo", "auto-reply", "senseless", "flood"]

_hushed = Counter("motcua_texts_not_answered", "Texts that were not answered, by reason", ["why"])

SHORTEST_ECHO = 20
"""Letters; what is shorter may be somebody's answer."""


_AUTOMATIC: Final = re.compile(
    r"\b(tra loi tu dong|tu dong tra loi|tu dong phan hoi|phan hoi tu dong|tin nhan tu dong"
    r"|tin tu dong|he thong tu dong|khong (tra loi|phan hoi) (lai )?(vao )?(tin nhan|so|tin) nay"
    r"|toi dang lai xe|khong the nghe may luc nay|toi se goi lai( cho (ban|anh|chi))? sau"
    r"|auto ?reply|auto ?response|automatic (reply|response|message)|automated (reply|message)"
    r"|autoresponder|out of (the )?office|do not reply|no ?reply|i m driving|can t talk right now)\b"
)
"""How machines say that they are machines, folded."""


@dataclass(frozen=True, slots=True)
class Limits:
    """(how many, in how many seconds): of answers that made no sense, and of texts of one
    number that are answered."""

    senseless: tuple[tuple[int, float], ...] = ((6, 600.0), (30, 86400.0))
    texts: tuple[tuple[int, float], ...] = ((12, 60.0), (60, 3600.0))


@dataclass(frozen=True, slots=True)
class Robots:
    """Tells which texts are not to be answered; what it knows of a number is in its session."""

    words: Mapping[str, Any]
    stop: frozenset[str]
    """The words that stop our messages: they are heard whatever comes."""
    limits: Limits = Limits()

    def silent(self, session: Session, inbound: Inbound, now: float) -> Why | None:
        """Why nothing is to be said to this; None: as a rule something is."""
        if inbound.channel is not Channel.SMS:
            return None
        why = self._why(session, inbound, now)
        if why is None:
            session.texts = _kept(session.texts, self.limits.texts, now)
            return None
        if why != "flood":
            self.made_no_sense(session, now)
        _hushed.labels(why).inc()
        return why

    def is_stop(self, inbound: Inbound) -> bool:
        """Does it stop our messages?"""
        return any(hear.keyword(said, self.words) in self.stop for said in inbound.said)

    def made_no_sense(self, session: Session, now: float) -> None:
        """What was said just now could not be understood."""
        session.senseless = _kept(session.senseless, self.limits.senseless, now)

    def _why(self, session: Session, inbound: Inbound, now: float) -> Why | None:
        if _reached(session.texts, self.limits.texts, now):
            return "flood"
        said = fold(" ".join(inbound.said))
        if self._known(said, inbound):
            return None
        if _echoes(said, session.wires.get(inbound.wire)):
            return "echo"
        if _AUTOMATIC.search(said):
            return "auto-reply"
        return "senseless" if _reached(session.senseless, self.limits.senseless, now) else None

    def _known(self, said: str, inbound: Inbound) -> bool:
        return (
            any(
                hear.is_menu(one) or hear.keyword(one, self.words) is not None
                for one in inbound.said
            )
            or (hear.code(said) or ("", False))[1]
        )


def _kept(moments: list[float], limits: tuple[tuple[int, float], ...], now: float) -> list[float]:
    """The moments with this one, as many as the limits must look at."""
    return [*moments, now][-max(most for most, _span in limits) :]


def _reached(moments: list[float], limits: tuple[tuple[int, float], ...], now: float) -> bool:
    return any(
        len([moment for moment in moments if moment > now - span]) >= most for most, span in limits
    )


def _echoes(said: str, heard: Heard | None) -> bool:
    """Is it what we said last, perhaps with something around it?"""
    page = heard.page() if heard is not None else None
    ours = fold(page.text) if page is not None else ""
    return len(ours) >= SHORTEST_ECHO and ours in said
