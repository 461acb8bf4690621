"""What settings say about a provider that has no code of its own: read once, refused where they are wrong.

The words of the settings are in docs/sms.md; each function here reads one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeVar

from core.outbox.outgoing import Status
from sms.providers.httpsms_template import Body, Place, Wrong, known, names_in
from sms.providers.port import Decision
from sms.providers.sending import TAKEN, Codes

Kind = Literal["json", "form", "query"]
Method = Literal["POST", "GET", "PUT"]

KINDS: Final[Mapping[str, Kind]] = {"json": "json", "form": "form", "query": "query"}
"""Where fields stand: in a JSON body, in a form's body, or in the address."""
METHODS: Final[Mapping[str, Method]] = {"POST": "POST", "GET": "GET", "PUT": "PUT"}

T = TypeVar("T")

Values = Mapping[str, str]
"""The settings of one provider, by their names without what comes before."""

DECISIONS: Final[Mapping[str, Decision | None]] = MappingProxyType(
    {"taken": TAKEN, **{one.value: one for one in Decision}}
)
STATUSES: Final[Mapping[str, Status | None]] = MappingProxyType(
    {
        "sent": Status.SENT,
        "delivered": Status.DELIVERED,
        "failed": Status.FAILED,
        "nothing": None,
    }
)
NAME: Final = re.compile(r"[a-z][a-z0-9]{1,19}")
OTHERS: Final = "*"
"""In a table of codes: every code that is not in it."""


class WrongSetting(Exception):
    """`setting` cannot be right; `why` says in a line what to do."""

    def __init__(self, setting: str, why: str) -> None:
        super().__init__(f"{setting}: {why}")
        self.setting = setting
        self.why = why


@dataclass(frozen=True, slots=True)
class Outward:
    """How a message is handed over, and what the answer means."""

    url: str = field(repr=False)
    method: Method
    kind: Kind
    body: Body = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    sender: str
    secret: str = field(repr=False)
    codings: tuple[str, str]
    """What {coding} is for GSM-7 and for all else."""
    id_at: Place | None
    code_at: Place | None
    codes: Codes


@dataclass(frozen=True, slots=True)
class Text:
    """How a text that came in names its fields; without `id` repeats are told by what was said."""

    id: Place | None
    written: Place
    to: Place | None
    text: Place


@dataclass(frozen=True, slots=True)
class Report:
    """How a receipt names its fields. `ref` is theirs, `ours` is our own id."""

    ref: Place | None
    ours: Place | None
    status: Place
    words: Place | None
    statuses: Mapping[str, Status | None]


@dataclass(frozen=True, slots=True)
class Inward:
    """How it calls us: where its fields stand, what it brings, and what it wants to hear."""

    kind: Kind
    each: Place | None
    text: Text | None
    report: Report | None
    answer: str


@dataclass(frozen=True, slots=True)
class Spec:
    """One provider, as its settings describe it. `outward` None: it only brings."""

    name: str
    outward: Outward | None
    inward: Inward


def understood(name: str, values: Values) -> Spec:
    """The provider of this name. Raises WrongSetting."""
    if not NAME.fullmatch(name):
        raise WrongSetting("", "a name is 2 to 20 small letters and digits, such as `viettel`")
    outward = _outward(values) if values.get("URL") else None
    inward = _inward(values)
    if outward is None and inward.text is None:
        raise WrongSetting("URL", "set it to send, or MESSAGE_FROM and MESSAGE_TEXT to be texted")
    if inward.report is not None and outward is not None:
        _check_matching(inward.report, outward)
    return Spec(name, outward, inward)


def _check_matching(report: Report, outward: Outward) -> None:
    """A receipt that names nothing which we know of could never be matched."""
    told = names_in(outward.body, outward.url)
    if report.ref is not None and outward.id_at is None and "id" not in told:
        raise WrongSetting("ID", "say where the answer holds the id that RECEIPT_ID will name")
    if report.ref is None and report.ours is None and "receipts" not in told:
        raise WrongSetting(
            "RECEIPT_ID", "say which field names the message (or RECEIPT_OURS, or use {receipts})"
        )


def _outward(values: Values) -> Outward:
    kind = _known("CONTENT", values.get("CONTENT") or "json", KINDS)
    method = _known("METHOD", values.get("METHOD") or "POST", METHODS)
    if method == "GET" and kind != "query":
        raise WrongSetting("CONTENT", "set it to `query`: a GET request has no body")
    url = values["URL"]
    if not re.match(r"https?://[^/\s]+", url):
        raise WrongSetting("URL", "give the whole address, such as https://sms.example.vn/send")
    body = _made(values, "BODY", lambda written: Body.read(written, is_json=kind == "json"))
    used = names_in(body, url)
    for name in ("to", "text"):
        if not any(one == name or one.startswith(f"{name}_") for one in used):
            raise WrongSetting("BODY", f"it must hold {{{name}}}, or nothing would be told")
    return Outward(
        url=_made(values, "URL", known),
        method=method,
        kind=kind,
        body=body,
        headers=_headers(values),
        sender=values.get("FROM", ""),
        secret=values.get("SECRET", ""),
        codings=_codings(values),
        id_at=_place(values, "ID"),
        code_at=_place(values, "CODE"),
        codes=_codes(values),
    )


def _inward(values: Values) -> Inward:
    if values.get("EACH", "").strip() and values.get("CALLS") != "json":
        raise WrongSetting("EACH", "only calls in JSON can bundle several: set CALLS to `json`")
    return Inward(
        kind=_known("CALLS", values.get("CALLS") or "form", KINDS),
        each=_place(values, "EACH"),
        text=_text(values),
        report=_report(values),
        answer=values.get("ANSWER", ""),
    )


def _text(values: Values) -> Text | None:
    written, text = _place(values, "MESSAGE_FROM"), _place(values, "MESSAGE_TEXT")
    if written is None and text is None:
        return None
    if written is None or text is None:
        missing = "MESSAGE_FROM" if written is None else "MESSAGE_TEXT"
        raise WrongSetting(missing, "name this field too, or no text can be understood")
    return Text(_place(values, "MESSAGE_ID"), written, _place(values, "MESSAGE_TO"), text)


def _report(values: Values) -> Report | None:
    status = _place(values, "RECEIPT_STATUS")
    if status is None:
        return None
    statuses = {
        word: _known("STATUSES", meaning, STATUSES)
        for word, meaning in _table(values, "STATUSES").items()
    }
    if not statuses:
        raise WrongSetting("STATUSES", "say what they mean, such as `DELIVRD=delivered,*=failed`")
    return Report(
        _place(values, "RECEIPT_ID"),
        _place(values, "RECEIPT_OURS"),
        status,
        _place(values, "RECEIPT_WORDS"),
        MappingProxyType(statuses),
    )


def _codes(values: Values) -> Codes:
    codes = {
        code: ("", _known("CODES", meaning, DECISIONS))
        for code, meaning in _table(values, "CODES").items()
    }
    if values.get("CODE") and not any(decision is TAKEN for _, decision in codes.values()):
        raise WrongSetting("CODES", "say which code means that it was taken, such as `0=taken`")
    return MappingProxyType(codes)


def _codings(values: Values) -> tuple[str, str]:
    plain, comma, wide = values.get("CODINGS", "0,8").partition(",")
    if not comma or "," in wide:
        raise WrongSetting("CODINGS", "give two words, for plain letters and for all others: `0,8`")
    return plain.strip(), wide.strip()


def _headers(values: Values) -> Mapping[str, str]:
    written = values.get("HEADERS", "").strip()
    if not written:
        return MappingProxyType({})
    try:
        read = json.loads(written)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not all(isinstance(one, str) for one in read.values()):
        raise WrongSetting("HEADERS", 'write them as JSON: {"Authorization": "Bearer {secret}"}')
    for name, value in read.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not (
            value.isascii() and value.isprintable()
        ):
            raise WrongSetting("HEADERS", "names and values are plain letters on one line")
        if names_in(value) - {"secret"}:
            raise WrongSetting("HEADERS", "only {secret} may stand in a header")
    return MappingProxyType(read)


def _table(values: Values, setting: str) -> dict[str, str]:
    """`a=b,c=d`; a code may hold anything but a comma and an equals sign."""
    table: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in values.get(setting, "").split(","))):
        code, equals, meaning = part.rpartition("=")
        if not equals or not code.strip():
            raise WrongSetting(setting, "write pairs parted by commas, such as `0=taken,5=retry`")
        table[code.strip()] = meaning.strip()
    return table


def _known(setting: str, word: str, words: Mapping[str, T]) -> T:
    if word not in words:
        raise WrongSetting(setting, f"{_quoted(word)}it is one of {', '.join(words)}")
    return words[word]


def _place(values: Values, setting: str) -> Place | None:
    return _made(values, setting, Place.read) if values.get(setting, "").strip() else None


def _made(values: Values, setting: str, read: Callable[[str], T]) -> T:
    try:
        return read(values.get(setting, ""))
    except Wrong as wrong:
        raise WrongSetting(setting, str(wrong)) from None


def _quoted(word: str) -> str:
    """The word that is not known, if it is one: a secret in the wrong place must not be shown."""
    return f"`{word}`: " if re.fullmatch(r"[A-Za-z-]{1,20}", word) else ""
