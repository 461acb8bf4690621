"""As much of JSON Schema as our own documents use: what a value breaks, by its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
ABOUT_IT: Final = frozenset(
    {"title", "description", "examples", "default", "pattern", "propertyNames", "minimum"}
    | {"maximum", "exclusiveMinimum", "exclusiveMaximum", "maxProperties"}
)
"""Words that say nothing about an answer's shape, or nothing that is judged here."""


def broken(value: Any, schema: Mapping[str, Any], whole: Any, place: str = "$") -> Iterator[str]:
    """Every rule that this value breaks; raises KeyError for a word that nobody judges."""
    for word, rule in schema.items():
        if word in ABOUT_IT or word in ("properties", "additionalProperties"):
            continue
        yield from _JUDGES[word](value, rule, whole, place)
    if isinstance(value, dict):
        yield from _members(value, schema, whole, place)


def _members(value: dict[str, Any], schema: Any, whole: Any, place: str) -> Iterator[str]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    for name, member in value.items():
        inside = f"{place}.{name}"
        if name in known:
            yield from broken(member, known[name], whole, inside)
        elif others is False:
            yield f"{inside}: not described"
        elif isinstance(others, dict):
            yield from broken(member, others, whole, inside)


def _ref(value: Any, rule: str, whole: Any, place: str) -> Iterator[str]:
    schema = whole
    for part in rule.removeprefix("#/").split("/"):
        schema = schema[part]
    yield from broken(value, schema, whole, place)


def _type(value: Any, rule: str, _whole: Any, place: str) -> Iterator[str]:
    truth = isinstance(value, bool) and rule != "boolean"
    if truth or not isinstance(value, KINDS[rule]):
        yield f"{place}: no {rule}"


def _any_of(value: Any, rule: list[Any], whole: Any, place: str) -> Iterator[str]:
    if all(any(True for _ in broken(value, one, whole)) for one in rule):
        yield f"{place}: none of {len(rule)}"


def _enum(value: Any, rule: list[Any], _whole: Any, place: str) -> Iterator[str]:
    if value not in rule:
        yield f"{place}: not one of {rule}"


def _const(value: Any, rule: Any, _whole: Any, place: str) -> Iterator[str]:
    if value != rule:
        yield f"{place}: not {rule!r}"


def _required(value: Any, rule: list[str], _whole: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{place}: lacks {name}" for name in rule if name not in value)


def _items(value: Any, rule: Any, whole: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from broken(one, rule, whole, f"{place}[{number}]")


def _longest(value: Any, rule: int, _whole: Any, place: str) -> Iterator[str]:
    if isinstance(value, str | list) and len(value) > rule:
        yield f"{place}: longer than {rule}"


def _shortest(value: Any, rule: int, _whole: Any, place: str) -> Iterator[str]:
    if isinstance(value, str | list) and len(value) < rule:
        yield f"{place}: shorter than {rule}"


def _format(value: Any, rule: str, _whole: Any, place: str) -> Iterator[str]:
    if rule == "date-time" and isinstance(value, str) and not datetime.fromisoformat(value).tzinfo:
        yield f"{place}: a moment of no zone"


_JUDGES: Final[Mapping[str, Any]] = {
    "$ref": _ref,
    "type": _type,
    "anyOf": _any_of,
    "oneOf": _any_of,
    "enum": _enum,
    "const": _const,
    "required": _required,
    "items": _items,
    "format": _format,
    "maxLength": _longest,
    "minLength": _shortest,
    "maxItems": _longest,
    "minItems": _shortest,
}
