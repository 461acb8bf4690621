"""What is written in the personal QR (Decision 1405/QĐ-BTTTT, 11-9-2021) and in its neighbours.

Nothing in a scanned code is signed, so nothing in it is proof: look the QID up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, TypeAlias

from core.gsm import unaccent
from core.people.papers import BadPaper, Paper, cccd_says, read_paper
from core.people.phone import BadPhone, read_phone
from core.qr import short_code

Gender: TypeAlias = Literal[0, 1, 2]
"""As the decision has it: 0 unknown, 1 male, 2 female."""

Oddity: TypeAlias = Literal[
    "ext missing",
    "ext too long",
    "declarer missing",
    "name not official",
    "paper unknown",
    "paper and birth year differ",
    "paper and gender differ",
    "gender unknown",
    "bhyt unknown",
    "phone unknown",
]
"""What looks odd in a payload that could be read; none of them is a reason to turn it away."""

Kind: TypeAlias = Literal["personal", "cccd-card", "passport-hc1", "bhyt", "short-code", "unknown"]

_EXT_PARTS = 5
_LONGEST = 2000
_GENDERS: Final[dict[str, Gender]] = {"0": 0, "1": 1, "2": 2}
_CARD_GENDERS: Final[dict[str, Gender]] = {"nam": 1, "nu": 2}
_BHYT_CARD: Final = re.compile(r"[A-Z]{2}[0-9]{13}(?:\||$)|[0-9]{10}\|")
_ASCII_LETTERS: Final = str.maketrans({"Ø": "O", "Æ": "AE"})


class BadPayload(ValueError):
    """Not a payload of this kind; `reason` names the field, never what stands in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason: Final = reason


@dataclass(frozen=True, slots=True, repr=False)
class Ext:
    """The last field of the payload. An empty text means that the part is not known."""

    declarer_qid: str = ""
    gender: Gender = 0
    bhyt: str = ""
    phone: str = ""
    signature: str = ""

    def write(self) -> str:
        """The parts split by `<`, without the empty ones at the end."""
        parts = (self.declarer_qid, str(self.gender), self.bhyt, self.phone, self.signature)
        return "<".join(map(_safe, parts)).rstrip("<")


@dataclass(frozen=True, slots=True)
class Display:
    """The text beside the picture, in one of its two modes."""

    paper_number: str
    name: str
    birth_date: str


@dataclass(frozen=True, slots=True)
class PersonalQr:
    """The six fields of somebody's personal QR. Its `repr` shows the QID and nothing else."""

    paper_number: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    declared_by_other: bool = field(repr=False)
    qid: str
    ext: Ext = field(default=Ext(), repr=False)

    def write(self) -> str:
        """`SoGiayTo|HoTen|NgaySinh|LoaiDinhDanh|QID|EXT`, as the decision lays down.

        The name is put into its official form. Raises BadPayload when a field is empty that must
        not be, or holds `|`, `<` or a line break.
        """
        fields = (self.paper_number, official_name(self.name), self.birth_date.isoformat())
        kind = "1" if self.declared_by_other else "0"
        required = tuple(_required(part) for part in (*fields, kind, self.qid))
        return "|".join((*required, self.ext.write()))

    def masked(self) -> Display:
        """How it is shown unless the person asks for all of it: paper and birthday hidden."""
        hidden = "*" * min(6, len(self.paper_number))
        born = f"{self.birth_date.year:04d}-**-**"
        return Display(hidden + self.paper_number[6:], self.name, born)

    def whole(self) -> Display:
        """How it is shown when the person has asked for all of it."""
        return Display(self.paper_number, self.name, self.birth_date.isoformat())


@dataclass(frozen=True, slots=True, repr=False)
class CccdCard:
    """The seven fields of the QR printed on a citizen card; `cmnd` is empty for most."""

    number: str
    cmnd: str
    name: str
    birth_date: date
    gender: Gender
    address: str
    issued_on: date


def read(payload: str) -> tuple[PersonalQr, tuple[Oddity, ...]]:
    """Read a scanned personal QR, with what looks odd about it.

    Real codes contradict themselves, so only what cannot be held at all is refused: a wrong count
    of fields, no paper number, name or QID, a birth date that is no date, an unknown kind of
    declaration. The extension may lack parts. Raises BadPayload.
    """
    fields = payload.strip().split("|")
    if len(payload) > _LONGEST or len(fields) not in (5, 6):
        raise BadPayload("fields")
    number, name, born, kind, qid = (part.strip() for part in fields[:5])
    if kind not in ("0", "1"):
        raise BadPayload("kind")
    if "<" in number + name + qid or not (number and name and qid):
        raise BadPayload("fields")
    parts = [part.strip() for part in "".join(fields[5:]).split("<")]
    parts += [""] * (_EXT_PARTS - len(parts))
    ext = Ext(parts[0], _GENDERS.get(parts[1], 0), *parts[2:_EXT_PARTS])
    read_qr = PersonalQr(number, name, _date(born), kind == "1", qid, ext)
    warnings: list[Oddity] = []
    if len(fields) == 5 or not fields[5]:
        warnings.append("ext missing")
    if len(parts) > _EXT_PARTS:
        warnings.append("ext too long")
    if parts[1] not in ("", *_GENDERS):
        warnings.append("gender unknown")
    return read_qr, (*warnings, *_oddities(read_qr))


def read_cccd_card(scanned: str) -> CccdCard:
    """Read the QR of a citizen card: `CCCD|CMND|Họ tên|ddmmyyyy|Nam/Nữ|Địa chỉ|ddmmyyyy`.

    Later cards append fields, which are passed over. Raises BadPayload.
    """
    fields = [part.strip() for part in scanned.strip().split("|")]
    if len(scanned) > _LONGEST or len(fields) < 7:
        raise BadPayload("fields")
    number, cmnd, name, born, gender, address, issued = fields[:7]
    if cccd_says(number) is None:
        raise BadPayload("number")
    known_gender = _CARD_GENDERS.get(unaccent(gender).lower(), 0)
    return CccdCard(number, cmnd, name, _card_date(born), known_gender, address, _card_date(issued))


def kind_of(scanned: str) -> Kind:
    """Which of the codes that people hold up this is, from its shape alone.

    A health insurance card is known by its number in front; the rest of its layout is NOT FOUND.
    Ten digits alone could be anything, a phone number for one.
    """
    text = scanned.strip()
    if text.startswith("HC1:"):
        return "passport-hc1"
    for kind, reader in _READERS.items():
        try:
            reader(text)
        except ValueError:
            continue
        return kind
    return "bhyt" if _BHYT_CARD.match(text) else "unknown"


def official_name(name: str) -> str:
    """A name as the decision writes it: capitals, no diacritics, đ as D, single spaces.

    `|`, `<` and whatever else is no letter, digit, hyphen, apostrophe or dot becomes a space.
    """
    capitals = unaccent(name).upper().translate(_ASCII_LETTERS)
    return " ".join(re.sub(r"[^A-Z0-9'.\-]+", " ", capitals).split())


_READERS: Final[dict[Kind, Callable[[str], object]]] = {
    "personal": read,
    "cccd-card": read_cccd_card,
    "short-code": short_code.read,
}


def _oddities(qr: PersonalQr) -> tuple[Oddity, ...]:
    """Where the fields contradict each other or the shapes we know."""
    says = cccd_says(qr.paper_number)
    genders: dict[str, Gender] = {"male": 1, "female": 2}
    odd: dict[Oddity, bool] = {
        "declarer missing": qr.declared_by_other and not qr.ext.declarer_qid,
        "name not official": qr.name != official_name(qr.name),
        "paper unknown": _paper(qr.paper_number) is None,
        "paper and birth year differ": says is not None and says.birth_year != qr.birth_date.year,
        "paper and gender differ": says is not None
        and qr.ext.gender not in (0, genders[says.gender]),
        "bhyt unknown": bool(qr.ext.bhyt) and getattr(_paper(qr.ext.bhyt), "type", "") != "bhyt",
        "phone unknown": bool(qr.ext.phone) and not _is_phone(qr.ext.phone),
    }
    return tuple(warning for warning, found in odd.items() if found)


def _paper(number: str) -> Paper | None:
    try:
        return read_paper(number)
    except BadPaper:
        return None


def _is_phone(number: str) -> bool:
    try:
        read_phone(number)
    except BadPhone:
        return False
    return True


def _date(written: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        raise BadPayload("birth date")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise BadPayload("birth date") from None


def _card_date(written: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", written):
        raise BadPayload("date")
    return _date(f"{written[4:]}-{written[2:4]}-{written[:2]}")


def _safe(part: str) -> str:
    if re.search(r"[|<\r\n]", part):
        raise BadPayload("separator inside a field")
    return part


def _required(part: str) -> str:
    if not part:
        raise BadPayload("empty field")
    return _safe(part)
