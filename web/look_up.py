"""An officer's look-up: whatever was scanned or typed, to one citizen's card or a clear refusal.

Nothing in a scanned code is signed, so nothing in it is believed: the QID is looked up at the
national QR platform, and the name and birth date must be those that stand there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Protocol

from core.clock import Deadline
from core.errors import Absent, Down, Late, PlatformError, Refused
from core.platform.ports import NationalQr, PersonalRecord
from core.privacy import mask_name
from core.qr import short_code
from core.qr.payload import BadPayload, PersonalQr, kind_of, official_name, read
from core.records import FoundCode
from core.standing import Standing

Given = Literal["payload", "code", "scanned"]
Reason = Literal["expired", "revoked", "unknown", "malformed", "mismatch", "unavailable"]
Shown = Literal["payload", "code", "cccd-card", "passport-hc1", "bhyt", "unknown"]
"""What an officer was shown; goes into the audit table as it is."""

_OTHER_CODES: Final[dict[str, Shown]] = {
    "cccd-card": "cccd-card",
    "passport-hc1": "passport-hc1",
    "bhyt": "bhyt",
}
_TYPED_CODE: Final = re.compile(r"[\s.,\-–—_]*(?:\d[\s.,\-–—_]*){8,16}")


class Codes(Protocol):
    """Finds what stands behind a short code; `core.store.short_codes.ShortCodes` does."""

    def find(self, code: str) -> FoundCode | None: ...


class Standings(Protocol):
    """How somebody stands now; `core.standing.Standings` tells."""

    def of_qid(self, qid: str, *, deadline: Deadline) -> Standing: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What an officer may see of a valid code: no more than compares it with a face."""

    name: str = field(repr=False)
    """Masked: the family name, and first letters of the others."""
    birth_year: int | None = field(repr=False)
    status: str | None = None
    """The card's colour; None when the health platform knows nobody by this QID."""
    doses: int | None = None
    as_of: datetime | None = None
    status_until: datetime | None = None
    valid_until: datetime | None = None
    """When a short code ends; a personal QR has no end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a look-up ended, with what the audit table needs to know of it."""

    kind: Shown
    seen: Seen | None = field(default=None, repr=False)
    refused: Reason | None = None
    qid: str | None = field(default=None, repr=False)


class NotThis(Exception):
    """The look-up ends here, with this reason."""

    def __init__(self, reason: Reason, qid: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.qid = qid


@dataclass(frozen=True, slots=True)
class LookUp:
    """Looks up for officers. Raises nothing of what a platform or a stranger's code may cause."""

    codes: Codes
    qr: NationalQr
    standings: Standings

    def look(self, text: str, given: Given, deadline: Deadline) -> Outcome:
        """One look-up; `given` tells if the caller knows what kind of text it is."""
        kind = _kind(text, given)
        qid: str | None = None
        try:
            if kind not in ("payload", "code"):
                return Outcome(kind, refused="malformed")
            qid, until = self._code(text) if kind == "code" else (None, None)
            record = self._record(qid, deadline) if qid else self._scanned(text, deadline)
            qid = record.qid
            if not record.active:
                raise NotThis("revoked", qid)
            return Outcome(kind, self._seen(record, until, deadline), qid=qid)
        except NotThis as refusal:
            return Outcome(kind, refused=refusal.reason, qid=refusal.qid or qid)
        except (Late, Down):
            return Outcome(kind, refused="unavailable", qid=qid)

    def _code(self, typed: str) -> tuple[str, datetime]:
        """The QID behind a short code, and when the code ends."""
        try:
            found = self.codes.find(short_code.read(typed))
        except short_code.BadCode:
            raise NotThis("malformed") from None
        if found is None:
            raise NotThis("unknown")
        if found.state != "valid":
            raise NotThis(found.state, found.qid)
        return found.qid, found.expires_at

    def _record(self, qid: str, deadline: Deadline) -> PersonalRecord:
        try:
            return self.qr.record(qid, deadline=deadline)
        except (Absent, Refused):
            raise NotThis("unknown", qid) from None

    def _scanned(self, payload: str, deadline: Deadline) -> PersonalRecord:
        """The record that a scanned payload claims to be, compared with it."""
        try:
            scanned, _ = read(payload)
            asked = scanned.write()
        except BadPayload:
            raise NotThis("malformed") from None
        try:
            record = self.qr.resolve(asked, deadline=deadline)
        except Absent:
            raise NotThis("unknown", scanned.qid) from None
        except Refused:
            raise NotThis("mismatch", scanned.qid) from None
        if not _agree(scanned, record):
            raise NotThis("mismatch", scanned.qid)
        return record

    def _seen(self, record: PersonalRecord, until: datetime | None, deadline: Deadline) -> Seen:
        name = mask_name(official_name(record.name))
        year = int(record.birth_date[:4]) if record.birth_date[:4].isdecimal() else None
        try:
            standing = self.standings.of_qid(record.qid, deadline=deadline)
        except Absent:
            return Seen(name, year, valid_until=until)
        except PlatformError:
            raise NotThis("unavailable", record.qid) from None
        return Seen(
            name,
            year,
            status=standing.card.colour,
            doses=standing.doses,
            as_of=standing.as_of,
            status_until=standing.card.until,
            valid_until=until,
        )


def _kind(text: str, given: Given) -> Shown:
    """What was shown, as far as its shape tells; a caller who says "code" means one."""
    if given == "code":
        return "code"
    found = kind_of(text)
    if found in _OTHER_CODES:
        return _OTHER_CODES[found]
    if given == "payload" or found == "personal":
        return "payload"
    typed = found == "short-code" or _TYPED_CODE.fullmatch(text) is not None
    return "code" if typed else "unknown"


def _agree(scanned: PersonalQr, record: PersonalRecord) -> bool:
    """Name and birth date as they stand with the platform, whatever the scanned text claims."""
    return (
        scanned.qid == record.qid
        and official_name(scanned.name) == official_name(record.name)
        and scanned.birth_date.isoformat() == record.birth_date
    )
