"""How a session moves: hearing one thing said, going from step to step, and making the screen to show."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from core import confirming, hear
from core.around import REMINDER, Around
from core.clock import Deadline
from core.dialogue import (
    REFUSED_IN,
    TEXTED,
    TOLD,
    Ask,
    Call,
    Choose,
    Desk,
    Dialogue,
    Step,
    Tell,
    choices_of,
    next_of,
)
from core.errors import Absent, Down, Late, NoRight, Refused, Unclear
from core.funnel import count
from core.message import Channel, Inbound, Option, Screen
from core.session import Session, Talk
from core.showing import AGAIN, TEXT, options_of, screen_of
from core.text import Text, _

MENU = "menu"
LINK = "link"
RESUME = "resume"
CHECK_IN = "checkin"
MOST_STEPS = 40
"""A turn that goes through more steps than this without showing anything is going in circles."""

NOT_ON_FILE = _("Your health record no longer has this phone number.")
NO_RIGHT = _("The platform does not name you for this person any more.")

BACK = Option("back", hear.BACK, _("Back"))
TO_MENU = Option("menu", hear.MENU, _("Menu"))


class Turn:
    """One move of one session. Nothing here locks, loads, saves or knows a channel's size."""

    def __init__(
        self, around: Around, session: Session, inbound: Inbound, deadline: Deadline, now: datetime
    ) -> None:
        self.around = around
        self.session = session
        self.inbound = inbound
        self.deadline = deadline
        self.now = now
        self.note: Text | None = None
        self.failed = False
        self.senseless = False
        self.trouble: Late | Down | None = None

    # Where we are

    @property
    def talk(self) -> Talk:
        if self.session.talk is None:
            self.start(MENU)
        assert self.session.talk is not None
        return self.session.talk

    @property
    def dialogue(self) -> Dialogue:
        return self.around.dialogues[self.talk.dialogue]

    def steps(self) -> Mapping[str, Step]:
        return self.dialogue.all_steps(self.talk.answers, self.around.forms)

    def step(self) -> Step:
        return self.steps()[self.talk.step]

    # Moving

    def start(self, name: str, answers: Mapping[str, Any] | None = None) -> None:
        """Begins a dialogue, by way of "who are you?" when it is only for people we know."""
        if name == "wanted":
            name, self.session.wanted = self.session.wanted or MENU, None
            answers = self._told_before()
        dialogue = self.around.dialogues[name]
        if dialogue.linked and self.session.person.linked is None:
            self.session.wanted = name
            dialogue = self.around.dialogues[LINK]
        self.session.talk = Talk(dialogue.name, dialogue.first, self._talk_id(dialogue.name))
        self.session.talk.answers.update(answers or {})

    def _told_before(self) -> Mapping[str, Any]:
        """What was said with the keyword, before the person had to say who they are."""
        talk = self.session.talk
        if talk is None or talk.dialogue != LINK or TOLD not in talk.answers:
            return {}
        return {TOLD: talk.answers[TOLD]}

    def _talk_id(self, name: str) -> str:
        """The same when the same message is handled again, so that its calls keep their keys."""
        about = self.inbound
        seed = "\x1f".join((about.provider, about.address.value, about.wire, about.hop, name))
        return hashlib.sha256(f"{seed}\x1f{self.session.turns}".encode()).hexdigest()[:24]

    def go(self, target: str | None) -> None:
        """To the named step, to another dialogue ("@menu"), or (None) to the next in the mapping."""
        if target is not None and target.startswith("@"):
            self.start(target[1:])
            return
        names = list(self.steps())
        if target is None:
            here = names.index(self.talk.step)
            if here + 1 == len(names):
                self.start(MENU)
                return
            target = names[here + 1]
        self.talk.step = target
        self.talk.page = 0

    def back(self) -> None:
        """Takes one answer back; before the first one lies the menu."""
        talk = self.talk
        if talk.page > 0:
            talk.page -= 1
        elif talk.trail:
            talk.step = talk.trail.pop()
            self._take_back(talk.step)
            talk.page = 0
        else:
            self.start(MENU)

    def answer(self, said: str) -> None:
        """Hears the answer to the question on show; raises Unclear when it is none."""
        step = self.step()
        match step:
            case Choose():
                self._answered(self._chosen(step, said), step)
            case Ask():
                self._answered(step.read(said, self.now.date()), step)
            case Call():
                if hear.picked(said, AGAIN) is None:
                    raise Unclear(_("Please reply 1 to try again."))
            case Tell():
                self._offered(step, said)

    def _take_back(self, name: str) -> None:
        """Forgets an answer, and whatever it had settled besides."""
        answers, step = self.talk.answers, self.step()
        given = answers.pop(name, None)
        if isinstance(step, Choose) and isinstance(given, str):
            for settled in step.settles.get(given, ()):
                answers.pop(settled, None)

    def _offered(self, step: Tell, said: str) -> None:
        """Something picked under a last word."""
        chosen = hear.picked(said, self.screen().options)
        if chosen is None:
            raise Unclear(_("Reply 0 to go back or 00 for the menu."))
        if chosen == TEXT and step.texted is not None:
            talk = replace(self.talk, step=step.texted)
            key = f"{talk.id}-{TEXT}-{self.session.turns}"
            self.around.later.keep(key, self._kept(talk, platform=TEXT))
            self.go(TEXTED)
            return
        self.talk.answers[self.talk.step] = chosen
        self.go(next_of(step, self.talk.answers))

    def code_for(self, talk: Talk) -> str | None:
        """The code that confirms this talk by SMS; None where it stands at nothing of the kind."""
        step = self._step_of(talk)
        if self.inbound.channel is not Channel.SMS or not isinstance(step, Choose):
            return None
        if step.commits is None:
            return None
        return self.around.confirm(confirming.seed_of(self.session.person.id, talk))

    def _step_of(self, talk: Talk) -> Step:
        dialogue = self.around.dialogues[talk.dialogue]
        return dialogue.all_steps(talk.answers, self.around.forms)[talk.step]

    def commit(self) -> None:
        """The code was right: makes the choice that changes something."""
        step = self.step()
        assert isinstance(step, Choose)
        assert step.commits is not None
        self._answered(step.commits, step)

    def _chosen(self, step: Choose, said: str) -> Any:
        fixed = self.around.fixed.of(self.dialogue, self.talk.step, step, self._ways())
        options = fixed.options if fixed else options_of(step, self.talk.answers)
        chosen = hear.picked_many(said, options) if step.many else hear.picked(said, options)
        if chosen in (None, step.commits) and self.code_for(self.talk) is not None:
            raise Unclear(confirming.ASK_FOR_CODE)
        if chosen is None:
            raise Unclear(_("Please reply with one of the numbers."))
        return list(chosen) if step.many else chosen

    def _answered(self, value: Any, step: Choose | Ask) -> None:
        talk = self.talk
        count("answered", talk, self.inbound.channel, self.session.person.language)
        talk.answers[talk.step] = value
        if isinstance(step, Choose) and isinstance(value, str):
            talk.answers.update(step.settles.get(value, {}))
        talk.trail.append(talk.step)
        self.go(next_of(step, talk.answers))

    def settle(self) -> Step:
        """Goes on through calls and questions that answer themselves, to a step that shows something."""
        for _count in range(MOST_STEPS):
            step = self.step()
            match step:
                case Call():
                    self._call(step)
                    if self.failed:
                        return step
                case Choose(alone=True) if len(choices_of(step, self.talk.answers)) == 1:
                    self.talk.answers[self.talk.step] = next(
                        iter(choices_of(step, self.talk.answers))
                    )
                    self.go(next_of(step, self.talk.answers))
                case _:
                    return step
        raise RuntimeError(f"dialogue {self.talk.dialogue} goes in circles at {self.talk.step}")

    # Asking the platforms

    def call_key(self) -> str:
        return f"{self.talk.id}-{self.talk.step}"

    def _call(self, step: Call) -> None:
        talk = self.talk
        self.failed = False
        waits = self.around.later.waits(self.session.person.id) if step.changes else None
        if waits is not None:
            # What was said before has not arrived yet, and this must not overtake it.
            self._keep(step, waits)
            self._passed(step, step.late)
            return
        try:
            outcome = step.of(self._desk(), talk.answers)
        except NoRight:
            self.note = NO_RIGHT
            self.start(self.dialogue.name)
        except Refused as no:
            talk.answers.update(_why(no))
            self._fell_short(step.refused)
        except Absent:
            self._fell_short(step.refused)
        except (Late, Down) as trouble:
            self.trouble = trouble
            worth_it = step.later and (step.changes or isinstance(trouble, Late))
            if worth_it:
                self._keep(step, trouble.platform)
            if worth_it or isinstance(trouble, Late):
                self._passed(step, step.late)
            else:
                self._fell_short(None)
        else:
            if outcome.person is not None:
                self.session.person = outcome.person
                if self._is_unknown():
                    return
            talk.answers.update(outcome.answers)
            if self.dialogue.begun == talk.step and self.inbound.channel is Channel.USSD:
                self._remind_later()
            self._passed(step, next_of(step, talk.answers))

    def _is_unknown(self) -> bool:
        """A call found out that the person is nobody we know any more: first they say who they are."""
        if not self.dialogue.linked or self.session.person.linked is not None:
            return False
        self.note = NOT_ON_FILE
        self.start(self.dialogue.name)
        return True

    def _remind_later(self) -> None:
        """Whoever is cut off from now on is reminded once, unless they finish before that."""
        kept = self._kept(self.talk, platform=REMINDER)
        self.around.later.keep(f"{self.talk.id}-{REMINDER}", kept, after=self.around.remind_after)

    def _keep(self, step: Call, platform: str) -> None:
        kept = self._kept(self.talk, platform=platform, changes=step.changes)
        self.around.later.keep(self.call_key(), kept)

    def finish(self, step: Call) -> None:
        """Does a kept call again, with time to wait; raises Late or Down when it must be tried again."""
        talk = self.talk
        try:
            outcome = step.of(self._desk(), talk.answers)
        except (Refused, Absent) as no:
            if step.refused is None:
                raise
            talk.answers.update(_why(no))
            self.go(step.refused)
        else:
            talk.answers.update(outcome.answers)
            self.go(next_of(step, talk.answers))
        self.settle()
        if self.failed and self.trouble is not None:
            raise self.trouble

    def _passed(self, step: Call, target: str | None) -> None:
        if step.changes:
            self.talk.trail.clear()
        self.go(target)

    def _fell_short(self, target: str | None) -> None:
        if target is None:
            self.failed = True
        else:
            self.go(target)

    def _desk(self) -> Desk:
        return Desk(
            platforms=self.around.platforms,
            people=self.around.people,
            codes=self.around.codes,
            proofs=self.around.proofs,
            chats=self.around.chats,
            talks=self.around.talks,
            check_ins=self.around.check_ins,
            person=self.session.person,
            address=self.inbound.address,
            channel=self.inbound.channel,
            deadline=self.deadline,
            now=self.now,
            forms=self.around.forms,
            service_code=self.around.service_code,
            key=self.call_key(),
            wanted=self.session.wanted,
        )

    def _kept(self, talk: Talk, *, platform: str, changes: bool = False) -> dict[str, Any]:
        return {
            "platform": platform,
            # Whoever changes something is heard in order; questions need not wait.
            "person": self.session.person.id if changes else None,
            "talk": talk.to_json(),
            "channel": self.inbound.channel.value,
            "provider": self.inbound.provider,
            "network": self.inbound.address.network,
            "address": self.inbound.address.value,
            "said_at": self.now.isoformat(),
        }

    # Showing

    def screen(self) -> Screen:
        """What to show for the step we are at, with the note of this turn above it."""
        step, ways = self.step(), self._ways()
        code = self.code_for(self.talk)
        if self.note is None and code is None:
            fixed = self.around.fixed.of(self.dialogue, self.talk.step, step, ways)
            if fixed is not None:
                return fixed
        texts = self.inbound.channel is Channel.USSD
        screen = screen_of(step, self.talk.answers, ways=ways, note=self.note, texts=texts)
        return screen if code is None else confirming.with_code(screen, step, code)

    def _ways(self) -> tuple[Option, ...]:
        if self.talk.dialogue == MENU or self.talk.dialogue == RESUME:
            return ()
        return (BACK, TO_MENU) if self.talk.trail else (TO_MENU,)


def _why(no: Refused | Absent) -> dict[str, Any]:
    """What a platform says when it refuses, for the answers."""
    if isinstance(no, Absent):
        return {"refused": "", REFUSED_IN: {}}
    return {"refused": no.reason or "", REFUSED_IN: dict(no.translations)}
