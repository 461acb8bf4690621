"""What a vaccine passport says: the claims of an EU Digital COVID Certificate (Decision 5772/QĐ-BYT).

Field names and codes: eHealth Network, "Technical Specifications for EU Digital COVID Certificates",
volume 3 and the JSON schema 1.3.0.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sandbox.people.papers import plain_upper
from sandbox.people.person import VACCINES, VIETNAM, Person

VALID = timedelta(days=365)
"""A passport holds for twelve months (Decision 5772/QĐ-BYT)."""

COVID = "840539006"
MRNA, ANTIGEN, OTHER = "1119349007", "1119305005", "J07BX03"

MAKERS: dict[str, tuple[str, str]] = {
    "comirnaty": (MRNA, "ORG-100030215"),
    "spikevax": (MRNA, "ORG-100031184"),
    "vaxzevria": (OTHER, "ORG-100001699"),
    "jcovden": (OTHER, "ORG-100001417"),
    "sputnik-v": (OTHER, "Gamaleya-Research-Institute"),
    "bbibp-corv": (OTHER, "ORG-100020693"),
    "hayat-vax": (OTHER, "Gulf-Pharmaceutical-Industries"),
    "abdala": (ANTIGEN, "Finlay-CIGB"),
}
"""Vaccine → its kind and its maker, as the certificate's value sets name them."""


@dataclass(frozen=True, slots=True)
class Validity:
    issued: datetime
    until: datetime


def validity(person: Person) -> Validity | None:
    """From the day after the dose that completed the series, or the newest one; None: not complete."""
    counted = person.counted_doses
    if not counted or len(counted) < VACCINES[counted[0].vaccine][2]:
        return None
    issued = datetime.combine(counted[-1].given + timedelta(days=1), time(9), VIETNAM)
    return Validity(issued, issued + VALID)


def claims(person: Person, holds: Validity) -> dict[int, Any]:
    """The CBOR Web Token: 1 issuer, 4 expires, 5 not before, 6 issued, -260 the certificate."""
    return {
        1: "VN",
        4: int(holds.until.timestamp()),
        5: int(holds.issued.timestamp()),
        6: int(holds.issued.timestamp()),
        -260: {1: certificate(person)},
    }


def certificate(person: Person) -> dict[str, Any]:
    """The certificate itself, about the newest dose that counts."""
    dose = person.counted_doses[-1]
    product, _, series = VACCINES[dose.vaccine]
    kind, maker = MAKERS[dose.vaccine]
    return {
        "ver": "1.3.0",
        "nam": _name(person.name),
        "dob": person.birth_date.isoformat(),
        "v": [
            {
                "tg": COVID,
                "vp": kind,
                "mp": product,
                "ma": maker,
                "dn": dose.number,
                "sd": max(series, dose.number),
                "dt": dose.given.isoformat(),
                "co": "VN",
                "is": "Bộ Y tế Việt Nam (bản thử nghiệm)",
                "ci": _identifier(person),
            }
        ],
    }


def _name(name: str) -> dict[str, str]:
    """As written, and as in the machine-readable zone of a passport (ICAO 9303)."""
    family, _, given = name.partition(" ")
    named = {"fn": family, "fnt": _zone(family)}
    return named | ({"gn": given, "gnt": _zone(given)} if given else {})


def _zone(name: str) -> str:
    kept = "".join(char for char in plain_upper(name).replace("-", " ") if char in _ZONE)
    return "<".join(kept.split())


_ZONE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")


def _identifier(person: Person) -> str:
    """The same person with the same doses has the same certificate."""
    said = f"{person.qid}:{len(person.counted_doses)}"
    return f"URN:UVCI:01:VN:{hashlib.sha256(said.encode()).hexdigest()[:32].upper()}"
