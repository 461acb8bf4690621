"""What sending through companies' HTTP interfaces has in common: one request, and what answers mean."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.clock import Deadline
from core.errors import PlatformError, SendError, SendLater, SendNever
from core.message import Address, Channel, Network
from core.outbox.outgoing import Outgoing
from core.platform.reading import NotJson, Object, mapping, parsed
from core.platform.wire import Raw, Wire
from sms.providers.port import Decision, code_word, no_answer, refusal

SECONDS = 10.0
"""For one request in all."""

RETRY_AFTER: Final = "retry-after"
LONGEST_WAIT = 3600.0
"""Seconds; whatever a company asks for, we ask it again after that."""

SMS: Final[frozenset[tuple[Network, Channel]]] = frozenset({("phone", Channel.SMS)})
"""What a sender of texts carries."""

TAKEN: Final = None
"""In a table of codes: the company took the message."""

Codes = Mapping[str, tuple[str, Decision | None]]
"""A company's codes: what each means in its words, and what to do."""


UNKNOWN: Final[tuple[str, Decision | None]] = ("", Decision.RETRY)
"""A code that is not in the table: the attempts are counted, and nothing is lost."""


def receipts_at(public_url: str, provider: str, path_secret: str | None) -> str:
    """Where a company that signs nothing brings its receipts: the address of `sms/app.py`."""
    return f"{public_url.rstrip('/')}/sms/{provider}/{path_secret or ''}/receipt"


def request(
    wire: Wire,
    provider: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None,
    wait: str = RETRY_AFTER,
) -> Raw:
    """One request, one answer. Raises SendLater when there is none in time, and for HTTP 429.

    What was asked stands in no error: numbers and words are in it. `wait` is the header in which
    the company says how long to leave it alone.
    """
    try:
        raw = wire.send(
            method, url, headers=headers, content=content, deadline=Deadline.after(SECONDS)
        )
    except PlatformError as error:
        raise no_answer(provider, error) from None
    if raw.status == 429:
        raise refusal(provider, Decision.RETRY, "HTTP 429", after=asked_to_wait(raw.headers, wait))
    return raw


def posted(
    wire: Wire,
    provider: str,
    url: str,
    fields: Mapping[str, Any],
    headers: Mapping[str, str],
    *,
    wait: str = RETRY_AFTER,
) -> Raw:
    """The answer to these fields as JSON. Raises as `request` does."""
    head = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    content = json.dumps(fields, ensure_ascii=False).encode()
    return request(wire, provider, "POST", url, headers=head, content=content, wait=wait)


def answered(provider: str, raw: Raw) -> Object:
    """The JSON object of an answer 2xx. Raises for any other, and for one that is none."""
    if not 200 <= raw.status < 300:
        raise refusal(provider, by_status(raw.status), f"HTTP {raw.status}")
    try:
        body = parsed(raw.body)
    except NotJson:
        raise no_sense(provider) from None
    if not isinstance(body, dict):
        raise no_sense(provider)
    return mapping(body)


def no_sense(provider: str) -> SendError:
    """An answer that tells nothing: whether the message was taken is not known."""
    return SendLater("no sense", unsure=True)


def by_status(status: int) -> Decision:
    """What to do about an HTTP status that comes without a code of the company's own."""
    match status:
        case 401 | 403:
            return Decision.ALARM
        case 400 | 404 | 409 | 422:
            return Decision.NEVER
        case _:
            return Decision.RETRY


def heed(provider: str, codes: Codes, code: str, *, unknown: Decision | None = UNKNOWN[1]) -> None:
    """Raises what a code says, unless it says that the message was taken."""
    words, decision = codes.get(code, ("", unknown))
    if decision is not TAKEN:
        raise refusal(provider, decision, f"{code_word(code) or '?'} {words}".strip())


def text_of(outgoing: Outgoing, longest: int | None = None) -> str:
    """The words to be sent. Raises SendNever for none, and for more than the company takes."""
    text = outgoing.page.text
    if not text or (longest is not None and len(text) > longest):
        raise SendNever("no text" if not text else "too long")
    return text


def digits(address: Address) -> str:
    """The number as most companies want it: `84912345678`."""
    return address.value.removeprefix("+")


def local(address: Address) -> str:
    """A Vietnamese number as it is dialled at home: `0912345678`; another one in digits."""
    number = digits(address)
    return f"0{number[2:]}" if number.startswith("84") else number


def asked_to_wait(
    headers: Mapping[str, str],
    name: str = RETRY_AFTER,
    *,
    clock: Callable[[], float] = time.time,
) -> float | None:
    """Seconds that a header asks to wait, as a number of them or as a Unix time; else None."""
    told = headers.get(name, "").strip()
    if not told.isascii() or not told.isdecimal() or len(told) > 13:
        return None
    seconds = float(told)
    if seconds > 1e9:
        seconds -= clock()
    return min(max(seconds, 1.0), LONGEST_WAIT)
