"""A form as the platform publishes it, free of FHIR: items, choices and the rules that show or hide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Words = Mapping[str, str]
"""One sentence in several languages: {"vi": …, "en": …}; `""` holds the form's own language."""

Kind = Literal[
    "group", "display", "boolean", "choice", "open-choice",
    "integer", "decimal", "quantity", "date", "dateTime", "time", "string", "text", "url", "again",
]  # fmt: skip
"""As FHIR names them; "again" is ours: whether a group that repeats is wanted once more."""

Manner = Literal["asked", "shown", "hidden"]
"""An item that is not asked (readOnly, hidden) answers itself, with what the form gives."""

Value = bool | int | float | str
"""What an item is answered with: booleans, numbers, dates as YYYY-MM-DD, times as HH:MM:SS, moments
as ISO 8601 has them, text, or a choice's code."""

FormAnswers = Mapping[str, tuple[Value, ...]]
"""name → the answers given (several only where the item repeats); unasked items are absent. The
name is the link id, or in the second round of a group that repeats what `instance` makes of it."""

MOST_ROUNDS = 10
"""A group that repeats is asked so often at most: nobody goes on longer on a telephone."""

MARK = "\x1f"
"""Stands in no link id: control characters are taken out of what a platform sends."""


def instance(link_id: str, rounds: tuple[int, ...]) -> str:
    """The name of an item in these rounds of the repeating groups around it, the outermost first."""
    if all(one == 1 for one in rounds):
        return link_id
    return f"{link_id}{MARK}{'.'.join(map(str, rounds))}"


def link_of(name: str) -> str:
    """The link id behind the name of an item in some round."""
    return name.partition(MARK)[0]


Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]


@dataclass(frozen=True, slots=True)
class FormChoice:
    code: str
    words: Words
    system: str | None = None
    value: Value | None = None
    """What the rules of the form compare, where that is not the code: a number."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Shown only when the answer to `question` compares so with `value`."""

    question: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class FormItem:
    link_id: str
    kind: Kind
    words: Words
    required: bool = False
    repeats: bool = False
    choices: tuple[FormChoice, ...] = ()
    conditions: tuple[Condition, ...] = ()
    any_condition: bool = False
    """True: one condition is enough; False: all must hold."""
    max_length: int | None = None
    initial: Value | None = None
    items: tuple[FormItem, ...] = ()
    beyond: bool = False
    """It asks for something that no channel of ours can take (a file, a signature): that is said."""
    manner: Manner = "asked"
    given: tuple[Value, ...] = ()
    """What an item that is not asked is answered with."""
    least: Value | None = None
    most: Value | None = None
    unit: str = ""
    """In which a quantity is said."""
    prefix: str = ""
    """What stands before its words on paper: "1.", "a)"."""
    brief: Words = field(default_factory=dict)
    """The same question for a small screen, where the form has one; else empty."""


@dataclass(frozen=True, slots=True)
class Form:
    url: str
    version: str
    title: Words
    items: tuple[FormItem, ...]

    @property
    def name(self) -> str:
        """`url|version`: what names this very edition of the form."""
        return f"{self.url}|{self.version}"
