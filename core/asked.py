"""What a provider asks of us over HTTP, and what it is answered, without any web framework."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from core.errors import Malformed
from core.platform.reading import NotJson, Object, parsed

LIMIT = 16 * 1024
"""Bytes of a request's body, and of its query, that are read; no provider here sends a tenth of it."""

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `path` is what follows the provider's own address; header names are lower-case."""

    path: str = ""
    query: bytes = field(default=b"", repr=False)
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def form(self) -> list[tuple[str, str]]:
        """The fields of a form's body, in order. Raises WrongType or Malformed."""
        if self._kind() != FORM:
            raise WrongType("content type")
        return read_fields(self.body)

    def json(self, *, any_type: bool = False) -> Object:
        """The object of a JSON body. Raises WrongType or Malformed.

        `any_type`: from a company of which it is not known as what it sends its JSON.
        """
        if not any_type and self._kind() != JSON:
            raise WrongType("content type")
        try:
            body = parsed(self.body)
        except NotJson:
            raise Malformed("JSON") from None
        if not isinstance(body, dict):
            raise Malformed("JSON")
        return body

    def _kind(self) -> str:
        return self.content_type.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is given back, in the provider's own way."""

    text: str = field(default="", repr=False)
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What else the provider reads, beside content type and length."""


class WrongType(Malformed):
    """The body is not of the kind that this provider sends (415 in the protocol's form)."""


class TooLarge(Malformed):
    """The request is larger than anything this provider sends (413 in the protocol's form)."""


def status_of(malformed: Malformed) -> int:
    """The HTTP status that goes with it."""
    match malformed:
        case WrongType():
            return 415
        case TooLarge():
            return 413
        case _:
            return 400


def read_fields(form: bytes) -> list[tuple[str, str]]:
    """The fields of a URL-coded form or query in strict UTF-8, empty ones too. Raises Malformed.

    Frameworks put question marks where UTF-8 is broken; a question mark is not what was said. The
    standard library's `parse_qsl` is the oracle of our tests, and takes more than twice as long.
    """
    if form.count(b"&") >= _MOST_FIELDS:
        raise Malformed("number of fields")
    try:
        pairs = (part.partition("=") for part in form.decode().replace("+", " ").split("&") if part)
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise Malformed("UTF-8") from None


def _decoded(coded: str) -> str:
    return unquote_to_bytes(coded).decode() if "%" in coded else coded


def wanted(fields: Mapping[str, str], name: str, longest: int = 200) -> str:
    """A field that must be there, of printable ASCII: ids, numbers, words. Raises Malformed."""
    value = fields.get(name, "").strip()
    if not value or len(value) > longest or not (value.isascii() and value.isprintable()):
        raise Malformed(name)
    return value


def wanted_in(body: Object, name: str, longest: int = 60) -> str:
    """The same of a JSON object. Raises Malformed."""
    return wanted({name: storable(body.get(name), longest + 1)}, name, longest)


def storable(value: object, longest: int) -> str:
    """Text of a JSON value as it can be kept: no half characters, no NUL, not endless.

    Empty for what is no text.
    """
    if not isinstance(value, str):
        return ""
    whole = value[: 2 * longest].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "")[:longest]


class Gate:
    """Lets in who knows the secret part of the address and calls from where it should.

    For providers that sign nothing. An empty list of networks lets every address in; an empty
    secret lets nobody in.
    """

    def __init__(self, secret: str, networks: Iterable[str] = ()) -> None:
        """`networks` such as `203.0.113.7` or `198.51.100.0/24`; raises ValueError for others."""
        self._secret = secret.encode()
        self._networks = tuple(ipaddress.ip_network(one, strict=False) for one in networks)

    def lets_in(self, secret: str, address: str | None) -> bool:
        """Compared in a time that does not tell how much of the secret was right."""
        known = hmac.compare_digest(secret.encode(errors="replace"), self._secret)
        return known and bool(self._secret) and (not self._networks or self._from_there(address))

    def _from_there(self, address: str | None) -> bool:
        try:
            caller = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped:
            caller = caller.ipv4_mapped
        return any(caller in network for network in self._networks)
