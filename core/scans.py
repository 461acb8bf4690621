"""What a photo means that somebody sends: the code in it, and what we say about that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from core.message import Inbound
from core.people.accounts import Person
from core.privacy import mask_name
from core.qr.payload import Kind, kind_of, read
from core.text import Text, _, plain


class Scans(Protocol):
    """Fetches and reads the photos that an inbound names."""

    def read(self, inbound: Inbound) -> str:
        """The text of the code in it; empty where none can be read. Never raises."""


class NoScans:
    """Implements `Scans` where no photo can be fetched."""

    def read(self, inbound: Inbound) -> str:
        return ""


NO_CODE: Final = _(
    "I could not find a code in this photo. Please take it straight from above in good light, or "
    "type instead."
)
YOURS: Final = _("This is your own personal QR code.")
CARD: Final = _(
    "This is the code of a citizen card. I read it only when I ask for a paper number: write LINK."
)
OF_ANOTHER_KIND: Final[Mapping[Kind, Text]] = {
    "cccd-card": CARD,
    "passport-hc1": _("This is the code of a vaccine passport. I cannot use it here."),
    "bhyt": _("This is the code of a health insurance card. I cannot use it here."),
    "short-code": _("This is a short code. An officer can look it up."),
    "unknown": _("I do not know this code. Please send a personal QR code, or type instead."),
}


def is_owner(scanned: str, person: Person) -> bool:
    """Is this the personal QR of whoever sent it? Nothing in it is proof: the link decides."""
    if kind_of(scanned) != "personal" or person.linked is None:
        return False
    return bool(person.linked.qid) and read(scanned)[0].qid == person.linked.qid


def about(scanned: str, person: Person) -> Text:
    """What we say about the code: of somebody else's no more than an officer sees at first."""
    if not scanned:
        return NO_CODE
    kind = kind_of(scanned)
    if kind != "personal":
        return OF_ANOTHER_KIND[kind]
    if is_owner(scanned, person):
        return YOURS
    name = mask_name(read(scanned)[0].name)
    return _(
        "This is the personal QR code of {name}. Officers check it at their counters; here only "
        "its owner sees more.",
        name=plain(name),
    )
