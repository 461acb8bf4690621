"""The questions of a form in their order, with what stands above each and when each is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.dialogue import Answers
from core.dialogues.form_rounds import opened, step_name
from core.dialogues.form_rules import Rules
from core.platform.forms import Form, FormItem, Value, Words
from core.text import Text, _, in_languages, lines

NONE = "none"
"""The choice of somebody who says "no" to a whole group at once."""

FILLED = "filled"
"""The answer that lists the steps which need not be asked: they were told in one text."""


@dataclass(frozen=True, slots=True)
class Question:
    """One item that asks for an answer: under which words, and on which conditions."""

    item: FormItem
    displays: tuple[FormItem, ...]
    """What the form says just before it."""
    around: tuple[FormItem, ...]
    """The groups around it, and the questions it is asked below, the outermost first."""
    rules: Rules = field(repr=False, compare=False)

    @property
    def step(self) -> str:
        return step_name(self.item.link_id)

    @property
    def groups(self) -> tuple[FormItem, ...]:
        return tuple(one for one in self.around if one.kind == "group")

    def is_asked(self, answers: Answers) -> bool:
        """Its rules hold, and those of all around it; what it is asked below has been answered."""
        return self.rules.hold(self.item, answers)

    def is_to_ask(self, answers: Answers) -> bool:
        """It is asked, and no answer to all of its group has settled it."""
        if self.item.manner != "asked" or self.step in (answers.get(FILLED) or ()):
            return False
        if self.item.kind == "again" and not self._begun(answers):
            return False
        alls = (answers.get(all_of(group)) for group in self.groups)
        settled = answers.get(self.step) is not None and NONE in alls
        return self.is_asked(answers) and not settled

    def values(self, answers: Answers) -> tuple[Value, ...]:
        """What it has been answered with; empty when it was left out, or is not asked."""
        return self.rules.values(self.item, answers) if self.is_asked(answers) else ()

    def _begun(self, answers: Answers) -> bool:
        """Whether anything was said in this round; else nobody wants another."""
        inside = (item for item, _around in walk((self.around[-1],), ()))
        return any(self.rules.values(item, answers) for item in inside if item.kind != "again")


@dataclass(frozen=True, slots=True)
class Together:
    """A group of yes-or-no questions which a person may answer with one "no" to all of them."""

    group: FormItem
    displays: tuple[FormItem, ...]
    around: tuple[FormItem, ...]
    inside: tuple[FormItem, ...]
    spoken: tuple[FormItem, ...]
    """The same, each group inside with its own words before its first."""
    rules: Rules = field(repr=False, compare=False)

    @property
    def step(self) -> str:
        return all_of(self.group)

    def is_to_ask(self, answers: Answers) -> bool:
        if self.step in (answers.get(FILLED) or ()):
            return False
        return self.rules.hold(self.group, answers)


Asked = Question | Together


def all_of(group: FormItem) -> str:
    """The step that asks a group at once."""
    return f"{step_name(group.link_id)}.all"


def questions_of(form: Form) -> tuple[tuple[Question, ...], tuple[FormItem, ...]]:
    """The questions in order, and what the form says after the last of them."""
    found: list[Question] = []
    waiting: list[FormItem] = []
    rules = Rules(form)
    for item, around in walk(form.items, ()):
        if item.kind == "display" or (item.manner == "shown" and item.kind != "group"):
            waiting.append(item)
        if item.kind != "display":
            displays = tuple(waiting) if item.manner == "asked" else ()
            found.append(Question(item, displays, around, rules))
            if item.manner == "asked":
                waiting.clear()
    return tuple(found), tuple(waiting)


def asked_in(form: Form) -> tuple[Asked, ...]:
    """What is asked in order: a group that one "no" may answer comes before the first of its own."""
    questions, _last_words = questions_of(form)
    asked: list[Asked] = []
    begun: set[str] = set()
    for question in questions:
        if question.item.manner != "asked":
            continue
        for depth, group in enumerate(question.around):
            if group.kind != "group":
                continue
            inside = () if group.link_id in begun else asked_together(group)
            begun.add(group.link_id)
            if inside:
                around = question.around[:depth]
                spoken = _spoken(group, inside)
                asked.append(
                    Together(group, question.displays, around, inside, spoken, question.rules)
                )
        asked.append(question)
    return tuple(asked)


def next_of(form: Form, answers: Answers, after: str) -> str:
    """The first that is asked and has no answer yet, or `after` when there is none left.

    An answer may bring a question that stands before it: that is asked in its turn.
    """
    return next(
        (
            one.step
            for one in asked_in(opened(form, answers))
            if answers.get(one.step) is None and one.is_to_ask(answers)
        ),
        after,
    )


def asked_together(group: FormItem) -> tuple[FormItem, ...]:
    """What one "no" may answer: of a group with short words of its own, which only asks yes or no.

    Questions that depend on another answer are asked in their turn.
    """
    inside = [item for item, around in walk((group,), ()) if not depends(item, around[1:])]
    asked = tuple(item for item in inside if item.kind != "display" and item.manner == "asked")
    plain = all(item.kind == "boolean" and item.required for item in asked)
    return asked if group.brief and plain and len(asked) > 1 else ()


def _spoken(group: FormItem, asked: tuple[FormItem, ...]) -> tuple[FormItem, ...]:
    spoken: list[FormItem] = []
    for item, (_outermost, *inside) in walk((group,), ()):
        if item in asked:
            spoken += [one for one in inside if one not in spoken]
            spoken.append(item)
    return tuple(spoken)


def depends(item: FormItem, around: tuple[FormItem, ...]) -> bool:
    """Whether it is asked only after a certain answer."""
    below = any(one.kind != "group" for one in around)
    return below or any(one.conditions for one in (*around, item))


def walk(
    items: tuple[FormItem, ...], around: tuple[FormItem, ...]
) -> Iterator[tuple[FormItem, tuple[FormItem, ...]]]:
    """All items but groups in their order, each with those around it."""
    for item in items:
        if item.kind != "group":
            yield item, around
        yield from walk(item.items, (*around, item))


def text_of(words: Words) -> Text:
    original = words.get("") or next(iter(words.values()), "")
    return in_languages(original, {lang: said for lang, said in words.items() if lang})


def said_of(item: FormItem, words: Words) -> Text:
    """What an item says that asks nothing; one that we cannot ask says so."""
    return lines(text_of(words), CANNOT_ASK) if item.beyond else text_of(words)


CANNOT_ASK = _("(this cannot be asked here)")
