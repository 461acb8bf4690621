"""Where a session stands in its dialogues, and how it goes from step to step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.around import Around
from core.dialogue import TOLD, Choose, Dialogue, Step
from core.message import Inbound
from core.session import Session, Talk
from core.text import Text

MENU = "menu"
LINK = "link"
RESUME = "resume"
CHECK_IN = "checkin"


class Position:
    """One session on its way; nothing here hears an answer, asks a platform or shows a screen."""

    def __init__(self, around: Around, session: Session, inbound: Inbound, now: datetime) -> None:
        self.around = around
        self.session = session
        self.inbound = inbound
        self.now = now
        self.note: Text | None = None
        """Stands above whatever this turn shows."""

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

    def _take_back(self, name: str) -> None:
        """Forgets an answer, and whatever it had settled besides."""
        answers, step = self.talk.answers, self.step()
        given = answers.pop(name, None)
        if isinstance(step, Choose) and isinstance(given, str):
            for settled in step.settles.get(given, ()):
                answers.pop(settled, None)
