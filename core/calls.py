"""What a turn asks the platforms for, and what becomes of it when they give no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.around import REMINDER
from core.clock import Deadline
from core.dialogue import REFUSED_IN, Call, Desk, Outcome, next_of
from core.errors import Absent, Down, Late, NoRight, Refused
from core.message import Channel
from core.position import Position
from core.session import Talk
from core.showing import TEXT
from core.text import _

NOT_ON_FILE = _("Your health record no longer has this phone number.")
NO_RIGHT = _("The platform does not name you for this person any more.")


class Calls:
    """Makes the calls of one turn, and goes on by what came of each."""

    def __init__(self, position: Position, deadline: Deadline) -> None:
        self._at = position
        self._deadline = deadline
        self.failed = False
        """Did the last call lead nowhere?"""
        self.trouble: Late | Down | None = None
        """The last platform that gave no answer."""

    def make(self, step: Call) -> None:
        """Makes the call that the talk stands at, and goes to the step that follows from it.

        One that outlasts the deadline is kept for a worker, as is one that changes something while
        its platform is down. Raises nothing of what a platform does: see `failed`, `trouble`.
        """
        at, talk = self._at, self._at.talk
        self.failed = False
        waits = at.around.later.waits(at.session.person.id) if step.changes else None
        if waits is not None:
            # What was said before has not arrived yet, and this must not overtake it.
            self._keep(step, waits)
            self._passed(step, step.late)
            return
        try:
            outcome = step.of(self._desk(), talk.answers)
        except NoRight:
            at.note = NO_RIGHT
            at.start(at.dialogue.name)
        except Refused as no:
            talk.answers.update(_why(no))
            self._fell_short(step.refused)
        except Absent:
            self._fell_short(step.refused)
        except (Late, Down) as trouble:
            self._troubled(step, trouble)
        else:
            self._succeeded(step, outcome)

    def make_again(self, step: Call) -> None:
        """Makes a kept call again, with time to wait.

        Raises Late, Down or NoRight; Refused and Absent where no step is there to say so.
        """
        at, talk = self._at, self._at.talk
        try:
            outcome = step.of(self._desk(), talk.answers)
        except (Refused, Absent) as no:
            if step.refused is None:
                raise
            talk.answers.update(_why(no))
            at.go(step.refused)
        else:
            talk.answers.update(outcome.answers)
            at.go(next_of(step, talk.answers))

    def text(self, step: str) -> None:
        """Has this step of the talk sent as a text by a worker."""
        at = self._at
        talk = replace(at.talk, step=step)
        key = f"{talk.id}-{TEXT}-{at.session.turns}"
        at.around.later.keep(key, self._kept(talk, platform=TEXT))

    def _troubled(self, step: Call, trouble: Late | Down) -> None:
        self.trouble = trouble
        worth_it = step.later and (step.changes or isinstance(trouble, Late))
        if worth_it:
            self._keep(step, trouble.platform)
        if worth_it or isinstance(trouble, Late):
            self._passed(step, step.late)
        else:
            self._fell_short(None)

    def _succeeded(self, step: Call, outcome: Outcome) -> None:
        at, talk = self._at, self._at.talk
        if outcome.person is not None:
            at.session.person = outcome.person
            if self._is_unknown():
                return
        talk.answers.update(outcome.answers)
        if at.dialogue.begun == talk.step and at.inbound.channel is Channel.USSD:
            self._remind_later()
        self._passed(step, next_of(step, talk.answers))

    def _is_unknown(self) -> bool:
        """A call found out that the person is nobody we know any more: first they say who they are."""
        at = self._at
        if not at.dialogue.linked or at.session.person.linked is not None:
            return False
        at.note = NOT_ON_FILE
        at.start(at.dialogue.name)
        return True

    def _remind_later(self) -> None:
        """Whoever is cut off from now on is reminded once, unless they finish before that."""
        around, talk = self._at.around, self._at.talk
        kept = self._kept(talk, platform=REMINDER)
        around.later.keep(f"{talk.id}-{REMINDER}", kept, after=around.remind_after)

    def _keep(self, step: Call, platform: str) -> None:
        kept = self._kept(self._at.talk, platform=platform, changes=step.changes)
        self._at.around.later.keep(self._key(), kept)

    def _key(self) -> str:
        """Of the call that the talk stands at: the same whenever it is made for this talk."""
        return f"{self._at.talk.id}-{self._at.talk.step}"

    def _passed(self, step: Call, target: str | None) -> None:
        if step.changes:
            self._at.talk.trail.clear()
        self._at.go(target)

    def _fell_short(self, target: str | None) -> None:
        if target is None:
            self.failed = True
        else:
            self._at.go(target)

    def _desk(self) -> Desk:
        around, session, inbound = self._at.around, self._at.session, self._at.inbound
        return Desk(
            platforms=around.platforms,
            people=around.people,
            codes=around.codes,
            proofs=around.proofs,
            chats=around.chats,
            talks=around.talks,
            check_ins=around.check_ins,
            person=session.person,
            address=inbound.address,
            channel=inbound.channel,
            deadline=self._deadline,
            now=self._at.now,
            forms=around.forms,
            service_code=around.service_code,
            key=self._key(),
            wanted=session.wanted,
        )

    def _kept(self, talk: Talk, *, platform: str, changes: bool = False) -> dict[str, Any]:
        session, inbound = self._at.session, self._at.inbound
        return {
            "platform": platform,
            # Whoever changes something is heard in order; questions need not wait.
            "person": session.person.id if changes else None,
            "talk": talk.to_json(),
            "channel": inbound.channel.value,
            "provider": inbound.provider,
            "network": inbound.address.network,
            "address": inbound.address.value,
            "said_at": self._at.now.isoformat(),
        }


def _why(no: Refused | Absent) -> dict[str, Any]:
    """What a platform says when it refuses, for the answers."""
    if isinstance(no, Absent):
        return {"refused": "", REFUSED_IN: {}}
    return {"refused": no.reason or "", REFUSED_IN: dict(no.translations)}
