"""How many keys it takes to get somewhere by USSD, counted on the dialogues and their screens."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.dialogue import (
    Answers,
    Ask,
    Call,
    Choose,
    Dialogue,
    Forms,
    Step,
    Tell,
    choices_of,
    next_of,
    targets,
)
from core.dialogues import BY_NAME
from core.dialogues.worst import USUAL_FORM
from core.message import Screen
from core.position import LINK, MENU
from core.showing import BACK, TO_MENU, screen_of
from core.voice import Voice


@dataclass(frozen=True, slots=True)
class Goal:
    """A last word that somebody wants to read, and with how few keys they should."""

    name: str
    dialogue: str
    step: str
    known: int
    """Most keys for somebody who has linked, dialling counted as one."""
    new: int | None = None
    """The same for somebody who links on the way."""


GOALS = (
    Goal("personal code", "qr", "code", known=2, new=6),
    Goal("declaration without symptoms", "declare", "cleared", known=5),
)

ALONE = {"p0": {"name": "Nguyễn Thị Hường", "short": "Thị Hường", "qid": "1" * 18}}
"""A family of one; the worst data of the dialogues has six, with the longest names."""


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Somewhere on the way, and what it has cost to get there."""

    keys: int
    number: int
    dialogue: str = field(compare=False)
    step: str = field(compare=False)
    answers: Answers = field(compare=False)
    linked: bool = field(compare=False)
    wanted: str = field(compare=False, default=MENU)


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks through the dialogues as somebody who always presses the right key."""

    voice: Voice
    language: str
    family: Mapping[str, Any] | None = None
    """Instead of the family in the dialogues' worst answers."""
    forms: Forms = lambda _name: USUAL_FORM

    def keys(self, goal: Goal, *, linked: bool) -> int | None:
        """The fewest keys from dialling to the goal; None when no way leads there."""
        count = itertools.count()
        start = _Place(1, next(count), MENU, BY_NAME[MENU].first, {}, linked)
        waiting, seen = [start], set[tuple[str, str, str, bool]]()
        while waiting:
            here = heapq.heappop(waiting)
            if (here.dialogue, here.step) == (goal.dialogue, goal.step):
                return here.keys
            if (visit := (here.dialogue, here.step, here.wanted, here.linked)) in seen:
                continue
            seen.add(visit)
            for target, answers, keys in self._onward(here):
                place = self._at(here, target, answers, here.keys + keys, next(count))
                heapq.heappush(waiting, place)
        return None

    def _at(self, here: _Place, target: str, answers: Answers, keys: int, number: int) -> _Place:
        if not target.startswith("@"):
            return _Place(keys, number, here.dialogue, target, answers, here.linked, here.wanted)
        name, linked = target[1:], here.linked
        if name == "wanted":
            name, linked = here.wanted, True
        wanted = here.wanted
        if BY_NAME[name].linked and not linked:
            name, wanted = LINK, name
        dialogue = BY_NAME[name]
        return _Place(keys, number, name, dialogue.first, self._known(dialogue), linked, wanted)

    def _known(self, dialogue: Dialogue) -> Answers:
        known = dict(dialogue.worst[0])
        if "family" in known and self.family is not None:
            known["family"] = self.family
        return {**known, "form": USUAL_FORM.name} if dialogue.more else known

    def _onward(self, here: _Place) -> Iterator[tuple[str, Answers, int]]:
        """Where one can go from here: the next step, what is known then, and the keys it takes."""
        dialogue = BY_NAME[here.dialogue]
        steps = dialogue.all_steps(here.answers, self.forms)
        step = steps[here.step]
        match step:
            case Call():
                for target in self._led_to(dialogue, step, here, steps):
                    yield target, here.answers, 0
            case Choose(alone=True) if len(choices_of(step, here.answers)) == 1:
                for target in self._led_to(dialogue, step, here, steps):
                    yield target, here.answers, 0
            case Choose():
                for number, (key, settled) in enumerate(self._choices(step, here.answers), 1):
                    answers = {**here.answers, here.step: key, **settled}
                    target = next_of(step, answers) or _next_in(steps, here.step)
                    yield target, answers, 1 + self._pages_before(step, here.answers, number)
            case Ask():
                for target in self._led_to(dialogue, step, here, steps):
                    yield target, here.answers, 1
            case Tell():
                return

    def _led_to(
        self, dialogue: Dialogue, step: Call | Choose | Ask, here: _Place, steps: Mapping[str, Step]
    ) -> Iterator[str]:
        """Where it goes on when all goes well; a call that may go several ways goes each of them."""
        missed = {step.late, step.refused} if isinstance(step, Call) else set()
        if step.then is None:
            yield _next_in(steps, here.step)
            return
        known = (
            [one for one in targets(step) if one not in missed]
            if here.step in dialogue.steps
            else []
        )
        for target in known or [next_of(step, here.answers) or ""]:
            if target in dialogue.leads_to_more:
                yield next(name for name in steps if name not in dialogue.steps)
            else:
                yield target

    def _choices(self, step: Choose, answers: Answers) -> Iterator[tuple[str, Answers]]:
        for key in choices_of(step, answers):
            yield key, step.settles.get(key, {})

    def _pages_before(self, step: Choose, answers: Answers, number: int) -> int:
        """How often 98 is pressed before this option is on the screen with all that is asked."""
        screen: Screen = screen_of(step, answers, ways=(BACK, TO_MENU))
        pages = self.voice.pages(screen, language=self.language, accents=None)
        return next(
            (
                page
                for page, shown in enumerate(pages)
                if any(line.startswith(f"{number} ") for line in shown.text.splitlines())
            ),
            0,
        )


def _next_in(steps: Mapping[str, Step], name: str) -> str:
    names = list(steps)
    here = names.index(name)
    return names[here + 1] if here + 1 < len(names) else f"@{MENU}"
