"""Calls of Kannel's smsbox about a USSD hop, by the very get-url that operators are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote_plus

from core.gsm import is_gsm7
from tests.conftest import ROOT
from tests.fakes import PHONE

CONFIGURATION = ROOT / "docs" / "kannel-ussd.conf"
GET_URL = re.findall(r'^get-url = "([^"]+)"$', CONFIGURATION.read_text(encoding="utf-8"), re.M)[0]


def meta_data(**parameters: bytes) -> bytes:
    """Optional parameters as Kannel hands them on: coded once here, and once more in the address."""
    return b"?smpp?" + "".join(f"{n}={quote_plus(v)}&" for n, v in parameters.items()).encode()


def query_of(
    text: str | bytes,
    parameters: Mapping[str, bytes] | bytes,
    *,
    phone: str = PHONE,
    to: str = "1022",
    id: str = "cc44e81b-7762-4073-97d2-8004c36a094f",
    drop: str = "",
) -> str:
    """The query string of a call; text with accents comes as UTF-16, as Kannel sends UCS-2."""
    ucs2 = isinstance(text, str) and not is_gsm7(text)
    octets = text if isinstance(text, bytes) else text.encode("utf-16-be" if ucs2 else "utf-8")
    coded = parameters if isinstance(parameters, bytes) else meta_data(**parameters)
    escapes: dict[str, str | bytes] = {
        "%p": phone,
        "%P": to,
        "%b": octets,
        "%C": "UTF-16BE" if ucs2 else "UTF-8",
        "%c": "2" if ucs2 else "0",
        "%I": id,
        "%D": coded,
    }
    fields = (part.partition("=") for part in GET_URL.partition("?")[2].split("&"))
    return "&".join(
        f"{name}={quote_plus(escapes[value])}" for name, _, value in fields if name != drop
    )
