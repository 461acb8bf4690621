"""Where somebody stands who comes back: at what they left, at the menu, or in another place by now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core import checking_in
from core.around import Around
from core.dialogue import Tell
from core.errors import PlatformError
from core.funnel import count
from core.message import Channel
from core.position import CHECK_IN, LINK, MENU, RESUME
from core.session import Talk, thread_of
from core.text import _
from core.turn import Turn

PASSING = frozenset({MENU, RESUME, CHECK_IN})
"""What nobody goes on with later: it is shown anew."""

ONE_AT_A_TIME = 180.0
"""Seconds: a network carries one USSD session of a phone; a younger one has ended the older one."""


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long things stay open, in seconds."""

    resume: float = 3600
    """A dropped USSD dialogue is offered again for this long."""
    question: float = 86400
    """A question asked by SMS or chat may be answered for this long."""
    help: float = 86400
    """Something not understood on SMS gets help once in this time."""


class Arriving:
    """Knows what was left unfinished, and whether what was said belongs to it."""

    def __init__(self, around: Around, patience: Patience, memory: Callable[[], float]) -> None:
        """`memory` tells for how many seconds sessions have been remembered."""
        self._around = around
        self._patience = patience
        self._memory = memory

    def arrive(self, turn: Turn, *, offer: bool) -> None:
        """A person dials: the menu, or what they left unfinished a short while ago."""
        session, talk = turn.session, turn.session.talk
        if talk is not None and talk.dialogue in (RESUME, CHECK_IN):
            talk, session.parked = session.parked, None
        recent = turn.now.timestamp() - session.at <= self._patience.resume
        turn.session.talk = talk
        begun = talk is not None and self.unfinished(talk)
        if begun and session.thread.startswith("ussd:"):
            count("dropped", turn.talk, turn.inbound.channel, session.person.language)
        if offer and checking_in.offered(turn):
            session.parked = talk if recent and begun else None
            return
        if offer and recent and begun:
            session.parked = talk
            turn.start(RESUME)
            return
        turn.start(MENU)

    def may_be_lost(self, turn: Turn, said: tuple[str, ...]) -> bool:
        """Is this history more likely that of a session we lost than a code dialled with answers?

        The two look the same. Said again step by step, a lost one would end where the person is
        not, so it starts anew while the memory is younger than a session may be. A single answer
        was given to the menu either way.
        """
        is_history = turn.inbound.history is not None and len(said) > 1
        if not is_history or turn.session.turns:
            return False
        return self._memory() < ONE_AT_A_TIME

    def is_left_behind(self, turn: Turn) -> bool:
        """Does this belong to a USSD session that ended when the person dialled again?"""
        session, inbound = turn.session, turn.inbound
        if inbound.channel is not Channel.USSD or inbound.event != "resume":
            return False
        if inbound.history is not None and inbound.wire not in session.wires:
            return False  # a code dialled with its answers looks just the same
        young = turn.now.timestamp() - session.at < ONE_AT_A_TIME
        return young and session.thread.startswith("ussd:") and self.is_elsewhere(turn)

    def is_elsewhere(self, turn: Turn) -> bool:
        """Is the question that is open on show somewhere else than where this was said?"""
        return turn.session.thread not in ("", thread_of(turn.inbound))

    def unfinished(self, talk: Talk) -> bool:
        """Was something begun that is worth going on with?"""
        if talk.dialogue in PASSING or (talk.dialogue, talk.step) == (LINK, "known"):
            return False
        dialogue = self._around.dialogues[talk.dialogue]
        try:
            steps = dialogue.all_steps(talk.answers, self._around.forms)
        except PlatformError:
            return False  # its form is nowhere to be had
        names = list(steps)
        begun = dialogue.begun and names.index(talk.step) > names.index(dialogue.begun)
        if not (talk.trail or begun or talk.dialogue == LINK):
            return False
        return not isinstance(steps[talk.step], Tell)

    def mislaid(self, turn: Turn) -> bool:
        """What nobody can go on with (its form is nowhere to be had) must not hold the person up.

        What they said now was meant for it, and is not heard.
        """
        for talk in (turn.session.talk, turn.session.parked):
            if talk is None:
                continue
            try:
                self._around.dialogues[talk.dialogue].all_steps(talk.answers, self._around.forms)
            except (PlatformError, KeyError):
                turn.session.talk = turn.session.parked = None
                turn.start(MENU)
                turn.note = _("We cannot go on with that just now. Please start it again later.")
                return True
        return False

    def proven(self, turn: Turn) -> bool:
        """What was left in another chat of theirs a short while ago is offered here."""
        session, left = turn.session, turn.session.talk
        recent = turn.now.timestamp() - session.at <= self._patience.resume
        same = left is not None and session.wanted in (None, left.dialogue)
        if left is not None and same and recent and self.unfinished(left) and left.dialogue != LINK:
            session.wanted, session.parked = None, left
            turn.start(RESUME)
        else:
            turn.start("wanted" if session.wanted else MENU)
        turn.settle()
        return True
