"""The values of FHIR R4 forms: `value[x]` as the core has it, extensions, and words in several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

from core.platform.forms import Kind, Value
from core.platform.reading import (
    Json,
    Object,
    mapping,
    moment,
    number,
    objects,
    text,
    whole,
    whole_date,
)

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"

_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")


def simple_value(element: Object, prefix: str) -> Value | None:
    """The value of a `value[x]` or `answer[x]` that the core has a word for, else None.

    Codings become their code, references their address, quantities their number; dates stay
    YYYY-MM-DD, times HH:MM:SS.
    """
    for name in ("String", "Uri"):
        if said := text(element.get(prefix + name), longest=500):
            return said
    if on := whole_date(element.get(prefix + "Date")):
        return on
    if at := clock_time(element.get(prefix + "Time")):
        return at
    written = element.get(prefix + "DateTime")
    if moment(written) is not None:
        return str(written)
    if isinstance(truth := element.get(prefix + "Boolean"), bool):
        return truth
    if (integer := whole(element.get(prefix + "Integer"))) is not None:
        return integer
    decimals = (
        element.get(prefix + "Decimal"),
        mapping(element.get(prefix + "Quantity")).get("value"),
    )
    for decimal in decimals:
        if (read := number(decimal)) is not None:
            return read
    if named := text(mapping(element.get(prefix + "Reference")).get("reference"), longest=500):
        return named
    return text(mapping(element.get(prefix + "Coding")).get("code"), longest=255)


def clock_time(value: Json) -> str | None:
    """A time as FHIR writes it (HH:MM:SS), if there is such a time."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        return time.fromisoformat(value).isoformat()
    except ValueError:
        return None


def fits(kind: Kind, value: Value) -> bool:
    """Whether the value is one that an item of this kind is answered with."""
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
        case "decimal" | "quantity":
            return number(value) is not None
        case "date":
            return whole_date(value) is not None
        case "dateTime":
            return moment(value) is not None
        case "time":
            return clock_time(value) is not None
        case _:
            return isinstance(value, str)


def extensions(element: Object, url: str) -> Iterator[Object]:
    """The extensions of this name."""
    return (one for one in objects(element.get("extension")) if one.get("url") == url)


def translations(companion: Json) -> dict[str, str]:
    """language → words, from the standard `translation` extension on a `_text` or the like."""
    found: dict[str, str] = {}
    for extension in extensions(mapping(companion), TRANSLATION):
        parts = {
            part["url"]: part
            for part in objects(extension.get("extension"))
            if isinstance(part.get("url"), str)
        }
        lang = mapping(parts.get("lang"))
        content = mapping(parts.get("content"))
        language = text(lang.get("valueCode") or lang.get("valueString"), longest=20)
        said = text(content.get("valueString") or content.get("valueMarkdown"), longest=2000)
        if language and said:
            found[short_language(language)] = said
    return found


def short_language(language: str) -> str:
    """`vi` of `vi-VN`: people choose a language, not a country."""
    return language.replace("_", "-").split("-")[0].lower()
