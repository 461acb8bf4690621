"""A form as the platform publishes it, free of FHIR: items, choices and the rules that show or hide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Words = Mapping[str, str]
"""One sentence in several languages: {"vi": …, "en": …}; `""` holds the form's own language."""

Kind = Literal[
    "group", "display", "boolean", "choice", "open-choice",
    "integer", "decimal", "date", "string", "text",
]  # fmt: skip

Value = bool | int | float | str
"""What an item is answered with: booleans, numbers, dates as YYYY-MM-DD, text, or a choice's code."""

FormAnswers = Mapping[str, tuple[Value, ...]]
"""link id → the answers given (several only where the item repeats); unasked items are absent."""

Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]


@dataclass(frozen=True, slots=True)
class FormChoice:
    code: str
    words: Words
    system: str | None = None


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
