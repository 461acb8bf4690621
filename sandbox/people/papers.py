"""Paper numbers, phone numbers, QIDs and the QR payload, in the shapes Viet Nam uses."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date

from sandbox.people.person import Gender, Paper, Person

PHONE_PREFIXES = (
    "32", "33", "34", "35", "36", "37", "38", "39", "86", "96", "97", "98",
    "81", "82", "83", "84", "85", "88", "91", "94",
    "70", "76", "77", "78", "79", "90", "93", "56", "58", "92", "87",
)  # fmt: skip
"""Mobile prefixes with seven free digits after them, without the leading 0."""

GENDER_CODES: dict[Gender, str] = {"unknown": "0", "other": "0", "male": "1", "female": "2"}
"""Decision 1405/QĐ-BTTTT knows three: 0 unknown, 1 male, 2 female."""

_STRIDE = 7_368_787  # coprime with ten million: neighbours get numbers far apart, none twice


def spread(index: int, *, digits: int, seed: int) -> str:
    """A number of so many digits which no other index below 10**digits gets under the same seed."""
    return str((index * _STRIDE + seed * 104_729 + 4_242_421) % 10**digits).zfill(digits)


def phone_number(index: int, *, prefix: str, seed: int) -> str:
    """An E.164 mobile number for household slot `index`."""
    return f"+84{prefix}{spread(index, digits=7, seed=seed)}"


def cccd(*, province: str, gender: Gender, born: date, tail: str) -> str:
    """A citizen number: province, century and gender, year of birth, six digits; no check digit."""
    century = (born.year - 1900) // 100 * 2 + (1 if gender == "female" else 0)
    return f"{province}{century}{born.year % 100:02d}{tail}"


def qid_for(paper: Paper, *, seed: int) -> str:
    """The 18-digit QID that a first paper leads to: an opaque string, never a number."""
    digest = hashlib.sha256(f"{seed}:{paper.type}:{paper.number}".encode()).digest()
    return str(10**17 + int.from_bytes(digest[:10], "big") % (9 * 10**17))


def plain_upper(name: str) -> str:
    """UPPER CASE, no diacritics (đ → D), words one space apart, as the payload wants a name."""
    swapped = name.replace("đ", "d").replace("Đ", "D")
    decomposed = unicodedata.normalize("NFD", swapped)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[|<]", " ", bare).upper().split())


def national(phone: str) -> str:
    """0912345678 for +84912345678; a foreign number keeps its +."""
    return f"0{phone[3:]}" if phone.startswith("+84") else phone


def payload(person: Person, *, declarer_qid: str | None) -> str:
    """The text of the personal QR: `SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`.

    Decision 1405/QĐ-BTTTT, version 1.1. EXT is declarer's QID, gender, BHYT, phone, split by `<`;
    parts missing at its end are left out.
    """
    phone = person.reached_at
    ext = [
        declarer_qid or "",
        GENDER_CODES[person.gender],
        person.paper("bhyt") or "",
        national(phone) if phone else "",
    ]
    while not ext[-1]:
        ext.pop()
    fields = (
        shown_paper(person.papers).number,
        plain_upper(person.name),
        person.birth_date.isoformat(),
        "1" if declarer_qid else "0",
        person.qid,
        "<".join(ext),
    )
    return "|".join(fields)


def shown_paper(papers: tuple[Paper, ...]) -> Paper:
    """The paper the QR names: CCCD before CMND before passport."""
    for kind in ("cccd", "cmnd", "passport"):
        for paper in papers:
            if paper.type == kind:
                return paper
    return papers[0]
