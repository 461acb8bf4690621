"""What a look at a campaign shows before anything is sent: whom, how many, how dear, how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from core.message import Address, Network, Page
from core.outbox.outgoing import Purpose

SHOWN_BAD: Final = 500
"""So many bad rows are listed one by one; all are counted."""

_STEP: Final = timedelta(minutes=5)
_EXACT: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Weight:
    """What one message takes; `cost` is None where no price is known."""

    segments: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Report:
    """`messages` will be sent to `people` numbers. `bad_rows` are (row, reason), the first ones.

    `rate` is messages a second on the network that is through last, None when nobody can know it;
    `held_until` is set while it is no hour for this purpose. `networks`: messages by the network
    that carries them.
    `same_as`: another campaign with the same words and rows.
    """

    at: datetime
    rows: int
    messages: int
    people: int
    duplicates: int
    bad: int
    refused: int
    segments: int
    cost: Decimal | None
    unpriced: int
    in_quiet_hours: int
    held_until: datetime | None
    rate: float | None
    done_at: datetime | None
    bad_rows: tuple[tuple[int, str], ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    provinces: Mapping[str, int] = field(default_factory=dict)
    networks: Mapping[str, int] = field(default_factory=dict)
    same_as: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON, with moments as text."""
        return {
            "at": self.at.isoformat(),
            "rows": self.rows,
            "messages": self.messages,
            "people": self.people,
            "duplicates": self.duplicates,
            "bad": self.bad,
            "refused": self.refused,
            "segments": self.segments,
            "cost": None if self.cost is None else str(self.cost),
            "unpriced": self.unpriced,
            "inQuietHours": self.in_quiet_hours,
            "heldUntil": None if self.held_until is None else self.held_until.isoformat(),
            "rate": None if self.rate is None else round(self.rate, 2),
            "doneAt": None if self.done_at is None else self.done_at.isoformat(),
            "badRows": [{"row": row, "reason": reason} for row, reason in self.bad_rows],
            "reasons": dict(self.reasons),
            "provinces": dict(self.provinces),
            "networks": dict(self.networks),
            "sameAs": self.same_as,
        }


@dataclass(slots=True)
class Tally:
    """Counts row after row; memory grows with the different numbers alone (16 bytes each)."""

    rows: int = 0
    messages: int = 0
    duplicates: int = 0
    refused: int = 0
    segments: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    bad_rows: list[tuple[int, str]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    provinces: Counter[str] = field(default_factory=Counter)
    networks: Counter[Network] = field(default_factory=Counter)
    phones: set[bytes] = field(default_factory=set)

    def bad(self, row: int, reason: str) -> None:
        """This row cannot be sent."""
        self.rows += 1
        self.reasons[reason] += 1
        if len(self.bad_rows) < SHOWN_BAD:
            self.bad_rows.append((row, reason))

    def duplicate(self) -> None:
        """An earlier row says the same."""
        self.rows += 1
        self.duplicates += 1

    def refuses(self) -> None:
        """The person wants no such messages."""
        self.rows += 1
        self.refused += 1

    def sends(self, phone: bytes, province: str | None, network: Network, weight: Weight) -> None:
        """This row will be a message, there."""
        self.rows += 1
        self.messages += 1
        self.phones.add(phone)
        self.provinces[province or ""] += 1
        self.networks[network] += 1
        self.segments += weight.segments
        if weight.cost is None:
            self.unpriced += 1
        else:
            self.cost += weight.cost

    def report(
        self,
        *,
        purpose: Purpose,
        start: datetime,
        rate: Callable[[Network], float | None],
        decent: Callable[[Purpose, datetime], datetime],
        now: datetime,
    ) -> Report:
        """All together, if it began at `start`; all networks are written to at the same time."""
        held = decent(purpose, now)
        begins = max(start, now)
        ends = [
            (done_at(number, rate(network), purpose, begins, decent), rate(network))
            for network, number in self.networks.items()
        ]
        last, slowest = max(
            ((moment, each) for moment, each in ends if moment is not None),
            key=lambda end: end[0],
            default=(None, None),
        )
        known = all(moment is not None for moment, _ in ends)
        return Report(
            at=now,
            rows=self.rows,
            messages=self.messages,
            people=len(self.phones),
            duplicates=self.duplicates,
            bad=self.reasons.total(),
            refused=self.refused,
            segments=self.segments,
            cost=None if 0 < self.messages == self.unpriced else self.cost,
            unpriced=self.unpriced,
            in_quiet_hours=self.messages if held > now else 0,
            held_until=held if held > now else None,
            rate=slowest if known else None,
            done_at=last if known else None,
            bad_rows=tuple(self.bad_rows),
            reasons=dict(self.reasons.most_common(20)),
            provinces=dict(sorted(self.provinces.items())),
            networks=dict(sorted(self.networks.items())),
        )


def done_at(
    messages: int,
    rate: float | None,
    purpose: Purpose,
    start: datetime,
    decent: Callable[[Purpose, datetime], datetime],
) -> datetime | None:
    """When so many messages would be out at this rate, quiet hours left out; None: nobody knows."""
    if not rate:
        return None
    left = timedelta(seconds=messages / rate)
    moment = decent(purpose, start)
    while left and moment < start + _LONGEST:
        ahead = moment + min(left, _STEP)
        then = decent(purpose, ahead)
        if then > ahead:
            ahead = _quiet_from(purpose, moment, ahead, decent)
        left -= ahead - moment
        moment = max(ahead, then) if left else ahead
    return None if left else moment


def _quiet_from(
    purpose: Purpose,
    moment: datetime,
    quiet: datetime,
    decent: Callable[[Purpose, datetime], datetime],
) -> datetime:
    """When it becomes quiet: behind `moment`, which is not, and not behind `quiet`, which is."""
    while quiet - moment > _EXACT:
        middle = moment + (quiet - moment) / 2
        if decent(purpose, middle) > middle:
            quiet = middle
        else:
            moment = middle
    return quiet


Weigh = Callable[[Address, Purpose, Page], Weight]
"""What this page costs to this address, for this purpose."""
