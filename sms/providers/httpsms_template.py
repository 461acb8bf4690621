"""Templates of what is sent to a described provider, and places in what it says: written in settings.

A value never becomes part of a template: a template is taken apart first, and each of its strings is
filled in and then coded, so that no text can add a field or end a string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from core.asked import read_fields
from core.errors import Malformed
from core.platform.reading import NotJson, parsed

PLACEHOLDERS: Final = frozenset(
    {
        "to",  # +84912345678
        "to_digits",  # 84912345678
        "to_local",  # 0912345678
        "from",
        "text",
        "text_base64",
        "id",  # our own id of the message
        "coding",
        "receipts",  # the address which its receipts are to call
        "secret",
    }
)
"""What may stand in braces."""

_HOLE: Final = re.compile(r"\{([a-z0-9_]+)\}")
_POINTER: Final = re.compile(r"(/([^~/]|~[01])*)+")
_DEEPEST = 20
_LONGEST = 200


class Wrong(ValueError):
    """A template or a place that cannot be right; says in a line what to do."""


def names_in(*templates: str | Body) -> frozenset[str]:
    """What stands in braces in them."""
    strings = (one for each in templates for one in _strings(each))
    return frozenset(name for one in strings for name in _HOLE.findall(one))


def known(template: str) -> str:
    """The template, if only known names stand in braces. Raises Wrong."""
    unknown = names_in(template) - PLACEHOLDERS
    if unknown:
        there_are = ", ".join(sorted(PLACEHOLDERS))
        raise Wrong(f"{{{min(unknown)}}} is not known; there are {there_are}")
    return template


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its braces filled; values are not looked into again."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), template)


def fill_address(template: str, values: Mapping[str, str]) -> str:
    """The same for an address: values are percent-coded."""
    return fill(template, {name: quote(value, safe="") for name, value in values.items()})


@dataclass(frozen=True, slots=True)
class Body:
    """The fields that are sent: a JSON value or a form, every string of it a template."""

    fields: Any = field(repr=False)
    is_json: bool

    @classmethod
    def read(cls, written: str, *, is_json: bool) -> Body:
        """Reads `{"to": "{to}", …}`, or `to={to}&text={text}`. Raises Wrong."""
        body = cls(_json(written) if is_json else _form(written), is_json)
        for template in _strings(body):
            known(template)
        return body

    def filled(self, values: Mapping[str, str]) -> bytes:
        """The body to be sent."""
        if self.is_json:
            return json.dumps(_filled(self.fields, values), ensure_ascii=False).encode()
        return urlencode([(name, fill(one, values)) for name, one in self.fields]).encode()


def _json(written: str) -> Any:
    try:
        return parsed(written.encode())
    except NotJson:
        raise Wrong('write it as JSON, such as {"to": "{to}", "text": "{text}"}') from None


def _form(written: str) -> list[tuple[str, str]]:
    try:
        return read_fields(written.encode())
    except Malformed:
        raise Wrong("write it as a form: to={to}&text={text}") from None


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    match value:
        case str():
            return fill(value, values)
        case dict():
            return {name: _filled(one, values) for name, one in value.items()}
        case list():
            return [_filled(one, values) for one in value]
        case _:
            return value


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Body():
            yield from _strings(value.fields)
        case dict():
            yield from _strings(list(value.values()))
        case list() | tuple():
            for one in value:
                yield from _strings(one)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is: `/data/0/id` in JSON, a field's name, or `re:` and an expression with one
    group for whatever else is answered."""

    find: Callable[[str, Any], Any] = field(repr=False)
    written: str

    @classmethod
    def read(cls, written: str) -> Place:
        """Raises Wrong."""
        written = written.strip()
        if written.startswith("re:"):
            return cls(_expression(written[3:]), written)
        if written.startswith("/"):
            return cls(_pointer(written), written)
        if not written.isprintable() or len(written) > _LONGEST:
            raise Wrong("give a field's name, a JSON pointer such as /data/id, or re:id=(\\d+)")
        return cls(lambda _said, value: _step(value, written), written)

    def value(self, said: str, value: Any) -> Any:
        """What is there in what was `said`, whose meaning as JSON or form is `value`; None: nothing."""
        return self.find(said, value)

    def text(self, said: str, value: Any) -> str:
        """The same as text: a number or a true in JSON's words; empty for nothing and for more."""
        found = self.find(said, value)
        if isinstance(found, str):
            return found
        if isinstance(found, bool | int | float):
            return json.dumps(found)
        return ""


def _pointer(written: str) -> Callable[[str, Any], Any]:
    """RFC 6901."""
    if not _POINTER.fullmatch(written) or written.count("/") > _DEEPEST:
        raise Wrong("a JSON pointer looks like /data/0/id")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in written.split("/")[1:]]

    def find(_said: str, value: Any) -> Any:
        for step in steps:
            value = _step(value, step)
        return value

    return find


def _expression(written: str) -> Callable[[str, Any], Any]:
    try:
        expression = re.compile(written)
    except re.error:
        raise Wrong("this is no regular expression") from None
    if expression.groups != 1:
        raise Wrong("the expression needs one group, such as re:id=(\\d+)")

    def find(said: str, _value: Any) -> Any:
        found = expression.search(said)
        return found[1] if found else None

    return find


def _step(value: Any, step: str) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdecimal() and len(step) < 5:
        return value[int(step)] if int(step) < len(value) else None
    return None
