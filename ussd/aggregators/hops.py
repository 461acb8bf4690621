"""What aggregators have in common: how a hop is told, in JSON or a query, and by which family.

Some networks send everything said in a session each time, joined with stars; the others only what
was said last. Of those, hardly any numbers its hops.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from core.asked import Answer, Asked, WrongType, read_fields, wanted
from core.errors import Malformed
from core.message import Address, Channel, Inbound, Page
from core.people.phone import BadPhone, read_phone
from ussd.dialled import answers_in

Fields = Mapping[str, str]
"""The fields of one hop, as text: numbers as they were written, truths as "true" and "false"."""

JSON = "application/json"
DEEPEST = 8
LONGEST_TEXT = 500
"""More than a telephone can send in one USSD string (182 signs), and than anybody types."""


def address_of(fields: Fields, name: str) -> Address:
    """The caller's number; networks may leave out the plus. Raises Malformed."""
    written = wanted(fields, name, 20)
    for attempt in (written, f"+{written}"):
        try:
            return Address("phone", read_phone(attempt))
        except BadPhone:
            continue
    raise Malformed(name)


def text_of(fields: Fields, name: str) -> str:
    """What was typed, which may be nothing; raises Malformed when it is missing or no typing."""
    if name not in fields or len(fields[name]) > LONGEST_TEXT:
        raise Malformed(name)
    return fields[name]


def query_of(asked: Asked) -> Fields:
    """The fields of a GET request. Raises Malformed."""
    return dict(read_fields(asked.query))


def json_of(asked: Asked) -> Fields:
    """The fields of a JSON body; those that hold further fields are named `outer.inner`.

    Raises WrongType or Malformed; also for a field that is told twice, because two readers of the
    same body may then read two things, and for half a sign (a lone surrogate), which no answer can
    repeat.
    """
    if asked.content_type.partition(";")[0].strip().lower() != JSON:
        raise WrongType("content type")
    try:
        body = json.loads(
            asked.body.decode(),
            parse_int=str,
            parse_float=str,
            parse_constant=_no_constant,
            object_pairs_hook=_once_each,
        )
        flat = _flat(body) if isinstance(body, dict) else []
        "".join(value for _, value in flat).encode()
        fields: Fields = _once_each(flat)
    except (ValueError, RecursionError):
        raise Malformed("JSON") from None
    if not isinstance(body, dict):
        raise Malformed("JSON")
    return fields


def _no_constant(name: str) -> str:
    raise ValueError(name)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field told twice")
    return found


def _flat(body: Mapping[str, Any], outer: str = "", depth: int = 1) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for name, value in body.items():
        match value:
            case str():
                flat.append((f"{outer}{name}", value))
            case bool():
                flat.append((f"{outer}{name}", str(value).lower()))
            case dict() if depth < DEEPEST:
                flat += _flat(value, f"{outer}{name}.", depth + 1)
    return flat


def truth_of(fields: Fields, name: str) -> bool:
    """A yes or no. Raises Malformed for anything else."""
    match fields.get(name, "").strip().lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
    raise Malformed(name)


def whole_history(provider: str, address: Address, session: str, text: str) -> Inbound:
    """A hop of a network that sends everything said so far: it is what makes a repeat the same."""
    return Inbound(
        channel=Channel.USSD,
        provider=provider,
        address=address,
        wire=session,
        hop=f"h:{text}",
        event="resume" if text else "new",
        history=text,
    )


def latest_only(
    provider: str,
    address: Address,
    session: str,
    said: tuple[str, ...],
    *,
    new: bool,
    hop: str = "",
    trace: Fields = MappingProxyType({}),
) -> Inbound:
    """A hop of a network that sends what was said last; `hop` where it numbers them."""
    event: Literal["new", "resume"] = "new" if new else "resume"
    return Inbound(
        Channel.USSD, provider, address, session, hop, event=event, said=said, trace=trace
    )


def left(provider: str, address: Address, session: str, how: str) -> Inbound:
    """The news that somebody left, or was cut off."""
    return Inbound(
        Channel.USSD, provider, address, session, "end", event="close", trace={"ended": how}
    )


def said_first(dialled: str, service_code: str) -> tuple[str, ...]:
    """What was said with the code; networks spell it with and without the first star."""
    code = dialled.strip()
    return answers_in(code if code.startswith("*") else f"*{code}", _starred(service_code))


def _starred(service_code: str) -> str:
    code = service_code.strip().removesuffix("#")
    return f"*{code.lstrip('*')}#"


class JsonLine:
    """An aggregator that posts JSON with what was said last, and reads JSON.

    A subclass says how a hop is read (`hop`) and how a page is written (`reply`).
    """

    name = ""
    paths: Mapping[str, tuple[str, ...]] = MappingProxyType({"": ("POST",)})

    def __init__(self, service_code: str) -> None:
        """`service_code` is what people dial; what follows it was said at once."""
        self.service_code = service_code

    def hop(self, fields: Fields) -> Inbound:
        raise Malformed("a line that reads nothing")

    def reply(self, page: Page) -> Mapping[str, object]:
        return {}

    def read(self, asked: Asked) -> Inbound:
        return self.hop(json_of(asked))

    def write(self, page: Page | None) -> Answer:
        return json_answer(self.reply(page) if page else {})

    def sorry(self, text: str, status: int = 200) -> Answer:
        return json_answer(self.reply(Page(text, end=True)), status)


def json_answer(content: Mapping[str, object], status: int = 200) -> Answer:
    return Answer(json.dumps(dict(content), ensure_ascii=False), status, f"{JSON}; charset=utf-8")
