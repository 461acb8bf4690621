"""How a turn moves a session: hearing one thing said, settling somewhere, making the screen to show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core import confirming, hear
from core.around import Around
from core.calls import Calls
from core.clock import Deadline
from core.dialogue import TEXTED, Ask, Call, Choose, Step, Tell, choices_of, next_of
from core.errors import Unclear
from core.funnel import count
from core.message import Channel, Inbound, Option, Screen
from core.position import MENU, RESUME, Position
from core.session import Session, Talk
from core.showing import AGAIN, BACK, TEXT, TO_MENU, options_of, screen_of
from core.text import _

MOST_STEPS = 40
"""A turn that goes through more steps than this without showing anything is going in circles."""


class Turn(Position):
    """One move of one session. Nothing here locks, loads, saves or knows a channel's size."""

    def __init__(
        self, around: Around, session: Session, inbound: Inbound, deadline: Deadline, now: datetime
    ) -> None:
        super().__init__(around, session, inbound, now)
        self.senseless = False
        self._calls = Calls(self, deadline)

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

    def _offered(self, step: Tell, said: str) -> None:
        """Something picked under a last word."""
        chosen = hear.picked(said, self.screen().options)
        if chosen is None:
            raise Unclear(_("Reply 0 to go back or 00 for the menu."))
        if chosen == TEXT and step.texted is not None:
            self._calls.text(step.texted)
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
                    self._calls.make(step)
                    if self._calls.failed:
                        return step
                case Choose(alone=True) if len(choices_of(step, self.talk.answers)) == 1:
                    self.talk.answers[self.talk.step] = next(
                        iter(choices_of(step, self.talk.answers))
                    )
                    self.go(next_of(step, self.talk.answers))
                case _:
                    return step
        raise RuntimeError(f"dialogue {self.talk.dialogue} goes in circles at {self.talk.step}")

    def finish(self, step: Call) -> None:
        """Does a kept call again, with time to wait; raises Late or Down when it must be tried again."""
        self._calls.make_again(step)
        self.settle()
        if self._calls.failed and self._calls.trouble is not None:
            raise self._calls.trouble

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
