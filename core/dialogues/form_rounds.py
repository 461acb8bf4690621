"""Groups that repeat: a form with each of them as often as the person wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.dialogue import Answers
from core.platform.forms import MARK, MOST_ROUNDS, Condition, Form, FormItem, instance

YES = "yes"

Around = tuple[str, ...]
"""The link ids of the repeating groups around an item, the outermost first."""


def step_name(name: str) -> str:
    """The step that asks an item."""
    return f"q.{name}"


def opened(form: Form, answers: Answers) -> Form:
    """The form with its rounds laid out; where no group repeats, the form itself.

    At the end of each round stands an item of the kind "again". What is answered with yes there
    opens the next round.
    """
    around = dict(_around(form.items, ()))
    if not any(around.values()):
        return form
    return replace(form, items=_Opening(answers, around).items(form.items, (), ()))


def _around(items: tuple[FormItem, ...], groups: Around) -> Iterator[tuple[str, Around]]:
    for item in items:
        yield item.link_id, groups
        inner = (*groups, item.link_id) if _repeats(item) else groups
        yield from _around(item.items, inner)


def _repeats(item: FormItem) -> bool:
    return item.kind == "group" and item.repeats


@dataclass(frozen=True, slots=True)
class _Opening:
    answers: Answers
    around: Mapping[str, Around]

    def items(
        self, items: tuple[FormItem, ...], groups: Around, rounds: tuple[int, ...]
    ) -> tuple[FormItem, ...]:
        made: list[FormItem] = []
        for item in items:
            if _repeats(item):
                made.extend(self.rounds_of(item, groups, rounds))
            else:
                made.append(self.one(item, self.items(item.items, groups, rounds), groups, rounds))
        return tuple(made)

    def rounds_of(
        self, group: FormItem, groups: Around, rounds: tuple[int, ...]
    ) -> Iterator[FormItem]:
        for number in range(1, MOST_ROUNDS + 1):
            here = (*rounds, number)
            again = instance(f"{group.link_id}{MARK}again", here)
            more = FormItem(again, "again", group.words, brief=group.brief)
            inside = self.items(group.items, (*groups, group.link_id), here)
            last = number == MOST_ROUNDS
            one = self.one(group, inside if last else (*inside, more), groups, rounds)
            yield replace(one, link_id=instance(group.link_id, here))
            if self.answers.get(step_name(again)) != YES:
                return

    def one(
        self, item: FormItem, inside: tuple[FormItem, ...], groups: Around, rounds: tuple[int, ...]
    ) -> FormItem:
        rules = tuple(self.rule(one, groups, rounds) for one in item.conditions)
        return replace(item, link_id=instance(item.link_id, rounds), conditions=rules, items=inside)

    def rule(self, rule: Condition, groups: Around, rounds: tuple[int, ...]) -> Condition:
        """About the question of the same round; from outside a group, about its first round."""
        theirs = self.around.get(rule.question, ())
        shared = 0
        while shared < min(len(groups), len(theirs)) and groups[shared] == theirs[shared]:
            shared += 1
        there = (*rounds[:shared], *(1 for _ in theirs[shared:]))
        return replace(rule, question=instance(rule.question, there))
