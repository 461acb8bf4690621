"""A form of the platform as steps: one question each, shown only when its conditions hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core import hear
from core.dialogue import Answers, Ask, Choose, Step
from core.dialogues.form_questions import (
    NONE,
    Asked,
    Question,
    Together,
    asked_in,
    asked_together,
    next_of,
    questions_of,
    said_of,
    text_of,
)
from core.dialogues.form_readers import HINTS, ZERO_HINT, is_skip, read_value, spoken
from core.dialogues.form_rounds import opened, step_name
from core.dialogues.form_rules import SKIP
from core.errors import Unclear
from core.platform.forms import Form, FormAnswers, FormItem, Words
from core.platform.reading import text as plain_text
from core.text import Text, _, joined, lines, plain
from core.text import Value as Said

BEFORE = "before"
"""The answer that keeps what was said when the form was asked before, by step."""

ONE_NO: Mapping[str, Text] = {
    NONE: _("No to all"),
    "each": _("One by one"),
}

YES_NO = {"no": _("No"), "yes": _("Yes")}
"""The usual answer first: it is the shortest way through a form."""

Then = Callable[[Answers], str]


def steps_for(form: Form, answers: Answers, after: str) -> Mapping[str, Step]:
    """Every question as a step; the last one that is asked leads to `after`."""

    def then(answers: Answers) -> str:
        return next_of(form, answers, after)

    before = answers.get(BEFORE) or {}
    return {
        one.step: _together(one, displays, then)
        if isinstance(one, Together)
        else _Asking(one, displays, then, before.get(one.step)).step()
        for one, displays in _laid_out(opened(form, answers), answers)
    }


def closing_of(form: Form, answers: Answers) -> tuple[Text, ...]:
    """What the form says after its last question (a consent, a warning)."""
    questions, last_words = questions_of(opened(form, answers))
    return tuple(
        _told(item, item.words)
        for item in last_words
        if not questions or questions[0].rules.hold(item, answers)
    )


def said_to(form: Form, answers: Answers) -> FormAnswers:
    """The answers by name; those of questions that are no longer asked are left out."""
    questions, _last_words = questions_of(opened(form, answers))
    told = {one.item.link_id: one.values(answers) for one in questions if one.item.kind != "again"}
    return {name: values for name, values in told.items() if values}


def _laid_out(form: Form, answers: Answers) -> Iterator[tuple[Asked, tuple[FormItem, ...]]]:
    """What is asked, each with what the form says just before it.

    What stood before a question that is not asked is said before the next one.
    """
    waiting: list[FormItem] = []
    for one in asked_in(form):
        fresh = (item for item in one.displays if one.rules.hold(item, answers))
        waiting.extend(item for item in fresh if item not in waiting)
        yield one, tuple(waiting)
        if one.is_to_ask(answers):
            waiting.clear()


def _told(item: FormItem, words: Words) -> Text:
    """What an item says that is not asked, with the answer that the form itself gives."""
    if item.kind == "display":
        return said_of(item, words)
    given = joined(", ", *(_text(spoken(item, value)) for value in item.given))
    return _("{question} {answer}", question=text_of(words), answer=given)


def _text(said: Said) -> Text:
    return said if isinstance(said, Text) else _("{value}", value=said)


def _together(one: Together, displays: tuple[FormItem, ...], then: Then) -> Step:
    above = [_told(item, item.words) for item in displays]
    above += [text_of(item.words) for item in one.around if item.kind == "group"]
    brief = [_told(item, item.brief or item.words) for item in displays]
    brief += [text_of(item.brief or item.words) for item in one.around if item.kind == "group"]
    return Choose(
        ask=lines(*above, text_of(one.group.words), *(text_of(item.words) for item in one.spoken)),
        brief=lines(*brief, text_of(one.group.brief)),
        choices=ONE_NO,
        then=then,
        settles={NONE: {step_name(item.link_id): "no" for item in one.inside}},
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question being written as a step; `before`: what it was answered with the last time."""

    question: Question
    displays: tuple[FormItem, ...]
    then: Then
    before: Any

    @property
    def item(self) -> FormItem:
        return self.question.item

    def step(self) -> Step:
        match self.item.kind:
            case "again":
                return self._choose(self._in_order(YES_NO), self._again)
            case "boolean":
                return self._choose(self._with_skip(YES_NO), self._words)
            case "choice":
                choices = {one.code: text_of(one.words) for one in self.item.choices}
                return self._choose(self._with_skip(choices), self._words)
            case _:
                return Ask(
                    ask=self._words(brief=False),
                    brief=self._words(brief=True),
                    read=self._read,
                    then=self.then,
                )

    def _choose(self, choices: Mapping[str, Text], words: Callable[..., Text]) -> Choose:
        return Choose(
            ask=words(brief=False),
            brief=words(brief=True),
            choices=choices,
            many=self.item.kind == "choice" and self.item.repeats,
            then=self.then,
        )

    def _words(self, *, brief: bool) -> Text:
        """The words of the question, under what stands above it; a group that may be answered at
        once has said its words by then."""
        item = self.item
        above = [_told(one, (brief and one.brief) or one.words) for one in self.displays]
        above += [
            text_of((brief and one.brief) or one.words)
            for one in self.question.groups
            if not asked_together(one)
        ]
        said = text_of((brief and item.brief) or item.words)
        if item.prefix and not brief:
            said = joined(" ", plain(item.prefix), said)
        if item.unit:
            said = joined(" ", said, plain(f"({item.unit})"))
        return lines(*(one for one in above if one.template or one.parts), said, *self._hints())

    def _again(self, *, brief: bool) -> Text:
        said = text_of((brief and self.item.brief) or self.item.words)
        return lines(said, _("Add one more?"))

    def _hints(self) -> Iterator[Text]:
        item = self.item
        if item.kind in ("boolean", "choice"):
            if item.kind == "choice" and item.repeats:
                yield _("(several: 1 3)")
            return
        if item.kind == "open-choice":
            choices = {one.code: text_of(one.words) for one in item.choices}
            for one in hear.numbered(choices):
                yield joined(" ", plain(one.number), one.label)
        if item.kind in HINTS:
            yield HINTS[item.kind]
        if item.kind in ("integer", "decimal", "quantity") and not _above_zero(item):
            yield ZERO_HINT
        if item.repeats:
            yield _("(several: put ; between them)")
        if self._suggested() is not None:
            yield _("(type * to keep: {value})", value=self._suggestion())
        elif not item.required:
            yield _("(type * to skip)")

    def _suggested(self) -> Any:
        """What was said before, or else what the form suggests."""
        return self.item.initial if self.before in (None, [], SKIP) else self.before

    def _suggestion(self) -> Text:
        suggested = self._suggested()
        listed = suggested if isinstance(suggested, list) else [suggested]
        return joined("; ", *(_text(spoken(self.item, one)) for one in listed))

    def _in_order(self, choices: Mapping[str, Text]) -> Mapping[str, Text]:
        """What was said before, or what the form suggests, is the shortest to say."""
        suggested = self._suggested()
        if isinstance(suggested, bool):
            suggested = "yes" if suggested else "no"
        firsts = suggested if isinstance(suggested, list) else [str(suggested)]
        return {**{one: choices[one] for one in firsts if one in choices}, **choices}

    def _with_skip(self, choices: Mapping[str, Text]) -> Mapping[str, Text]:
        ordered = self._in_order(choices)
        return ordered if self.item.required else {**ordered, SKIP: _("Skip")}

    def _read(self, said: str, today: date) -> Any:
        text = plain_text(said) or ""
        if is_skip(text):
            if self._suggested() is not None:
                return self._suggested()
            if not self.item.required:
                return []
        if not text:
            raise Unclear(_("Please write an answer."))
        if not self.item.repeats:
            return read_value(text, today, self.item)
        # A comma is part of a number such as 37,5; everywhere else it parts two answers.
        parts = re.split(r";" if self.item.kind in ("decimal", "quantity") else r"[;,]", text)
        found = [read_value(part.strip(), today, self.item) for part in parts if part.strip()]
        if not found:
            raise Unclear(_("Please write an answer."))
        return found


def _above_zero(item: FormItem) -> bool:
    least = item.least
    return isinstance(least, int | float) and least > 0
