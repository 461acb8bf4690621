"""The outbox in PostgreSQL: messages committed with their cause, claimed with a lease, settled."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, case, exists, select, text, update

from core.clock import Clock
from core.outbox.numbers import SILENT
from core.outbox.outgoing import Lane, Outcome, Outgoing, Purpose, Receipt, Settled, Status
from core.outbox.ports import Claimed, Note, Places, Verdict
from core.outbox.pushing import as_it_is
from core.store import copy_rows
from core.store import outgoing_rows as rows
from core.store.arrays import numbers, uuids
from core.store.claiming import take_due, take_over
from core.store.database import Database, notify, one_at_a_time
from core.store.many import put_many
from core.store.opening import opened
from core.store.sends import Sends
from core.store.settling import close_attempt, move, take_in
from core.store.tables import attempt
from core.store.tables import outgoing as table
from core.store.vault import Vault

CHANNEL = "motcua_outbox"
"""What is notified when there is something to send."""

LEASE = timedelta(seconds=45)
"""A worker that dies is noticed after this long; one that lives renews it."""

NEWER = "a newer message says it better"

# Written out once: to make a statement of so many columns takes longer than to carry it out.
_PUT = text(
    f"INSERT INTO outgoing ({copy_rows.COLUMNS}) VALUES ({copy_rows.PLACES}) "
    "ON CONFLICT (key) DO NOTHING RETURNING seq"
)

_RENEW = text("""
UPDATE outgoing SET lease_until = :until
FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS held (id, claim)
WHERE outgoing.id = held.id AND outgoing.claims = held.claim AND status = 'sending'
RETURNING outgoing.id
""")

_TURNS = tuple(
    (first, *(lane for lane in Lane if lane is not first))
    for first in (
        *(Lane.URGENT, Lane.URGENT, Lane.NORMAL, Lane.URGENT),
        *(Lane.URGENT, Lane.BULK, Lane.NORMAL, Lane.URGENT),
    )
)
"""Which lane is asked first, claim after claim: nobody waits for ever behind a busier lane."""


def at_any_hour(_purpose: Purpose, moment: datetime) -> datetime:
    """No hour is too late for anything."""
    return moment


class Outbox:
    """Implements `core.outbox.ports.Queue`, and takes in messages and receipts.

    `decent` gives the first moment at which a message of that purpose may be sent, `shape` the form
    in which a message sets out; a number that was `silent` for so long gets nothing sensitive.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        lease: timedelta = LEASE,
        decent: Callable[[Purpose, datetime], datetime] = at_any_hour,
        silent: timedelta = SILENT,
        shape: Callable[[Outgoing], Outgoing] = as_it_is,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lease = lease
        self._decent = decent
        self._shape = shape
        self._sends = Sends(vault, clock, silent)
        self._turns: Iterator[tuple[Lane, ...]] = itertools.cycle(_TURNS)

    @property
    def lease(self) -> timedelta:
        """How long a claim holds unless it is renewed."""
        return self._lease

    def put(self, connection: Connection, outgoing: Outgoing) -> bool:
        """Takes a message in, in the transaction of its cause; False when its key is known.

        Older messages about the same thing that still wait are stopped.
        """
        now = self._clock()
        outgoing = self._shape(outgoing)
        if outgoing.about is not None:
            one_at_a_time(connection, rows.about_index(self._vault, outgoing.about))
        start = self._decent(outgoing.purpose, outgoing.not_before or now)
        row = rows.values(self._vault, outgoing, now, start)
        made = connection.execute(_PUT, row).scalar()
        if made is None:
            return False
        if outgoing.about is not None:
            about = rows.about_index(self._vault, outgoing.about)
            older = and_(
                table.c.about_index == about,
                table.c.seq < made,
                table.c.status == Status.QUEUED,
            )
            move(connection, older, Status.STOPPED, NEWER, now)
        notify(connection, CHANNEL)
        return True

    def put_many(self, connection: Connection, messages: Iterable[Outgoing]) -> list[bool]:
        """The same for many in a few round trips: for each, whether its key was new.

        A transaction of 5,000 is short enough to be in nobody's way. Raises ValueError for more
        than 1,000 different things that they are about.
        """
        fresh = put_many(
            connection,
            messages,
            vault=self._vault,
            now=self._clock(),
            decent=self._decent,
            newer=NEWER,
        )
        if any(fresh):
            notify(connection, CHANNEL)
        return fresh

    def withdraw(self, connection: Connection, abouts: Collection[str], words: str) -> int:
        """Stops messages about these things that still wait; how many there were."""
        indexes = [rows.about_index(self._vault, about) for about in abouts]
        waiting = and_(table.c.about_index.in_(indexes), table.c.status == Status.QUEUED)
        return move(connection, waiting, Status.STOPPED, words, self._clock())

    def status(self, outgoing_id: str) -> Status | None:
        """What has become of a message; None when there is no such message."""
        with self._database.begin() as connection:
            found = connection.execute(
                select(table.c.status).where(table.c.id == uuid.UUID(outgoing_id))
            ).scalar()
        return None if found is None else Status(found)

    def claim(self, limit: int, places: Places | None = None) -> Sequence[Claimed]:
        everywhere = dict.fromkeys(Lane, rows.NETWORKS)
        now = self._clock()
        until = now + self._lease
        taken: list[Row[Any]] = []
        open_to = everywhere if places is None else places
        with self._database.begin() as connection:
            if set(open_to) == set(Lane):
                taken += take_over(connection, limit, now, until)
            for lane in next(self._turns):
                networks = open_to.get(lane, ())
                if networks and len(taken) < limit:
                    left = limit - len(taken)
                    taken += take_due(connection, lane, networks, left, now, until)
            return list(opened(connection, self._vault, taken, now))

    def renew(self, claimed: Collection[Claimed]) -> Collection[Claimed]:
        held = {one.outgoing.id: one for one in claimed}
        if not held:
            return ()
        asked = {
            "ids": uuids(held),
            "claims": numbers([one.claim for one in held.values()]),
            "until": self._clock() + self._lease,
        }
        with self._database.begin() as connection:
            return [held[str(row)] for row in connection.scalars(_RENEW, asked)]

    def write(self, notes: Sequence[Note]) -> Sequence[Verdict]:
        with self._database.begin() as connection:
            verdicts = self._sends.write(connection, notes)
            if any(one.claimed.outgoing.lane is Lane.URGENT for one in notes):
                # An urgent message may have held up another one to the same address.
                notify(connection, CHANNEL)
            return verdicts

    def missed(self, claimed: Claimed, words: str) -> None:
        with self._database.begin() as connection:
            close_attempt(connection, _tries(claimed), Outcome.LATER, words, self._clock())

    def later(
        self,
        claimed: Claimed,
        at: datetime,
        words: str,
        *,
        counted: bool,
        unsure: bool = False,
        polite: bool = False,
    ) -> None:
        newer = table.alias("newer")
        overtaken = and_(
            table.c.about_index.is_not(None),
            exists().where(newer.c.about_index == table.c.about_index, newer.c.seq > table.c.seq),
        )
        now = self._clock()
        outcome = Outcome.UNKNOWN if unsure else Outcome.LATER
        with self._database.begin() as connection:
            close_attempt(connection, _tries(claimed), outcome, words, now)
            connection.execute(
                update(table)
                .where(*_ours(claimed))
                .values(
                    status=case((overtaken, Status.STOPPED), else_=Status.QUEUED),
                    settled_at=case((overtaken, now), else_=None),
                    words=case((overtaken, NEWER), else_=words),
                    lease_until=None,
                    not_before=at,
                    due_at=at if polite else table.c.due_at,
                    attempts=table.c.attempts - (0 if counted else 1),
                )
            )

    def unsettled(
        self, claimed: Claimed, until: datetime, words: str, *, counted: bool = False
    ) -> None:
        with self._database.begin() as connection:
            connection.execute(
                update(table)
                .where(*_ours(claimed))
                .values(
                    status=Status.UNSETTLED,
                    lease_until=until,
                    words=words,
                    attempts=table.c.attempts - (0 if counted else 1),
                )
            )
            _wake_next(connection, claimed)

    def redirect(self, claimed: Claimed, other: Outgoing, words: str) -> None:
        now = self._clock()
        with self._database.begin() as connection:
            close_attempt(connection, _tries(claimed), Outcome.NEVER, words, now)
            connection.execute(
                update(table)
                .where(*_ours(claimed))
                .values(
                    **rows.address_values(self._vault, other),
                    status=Status.QUEUED,
                    lease_until=None,
                    not_before=self._decent(other.purpose, now),
                    attempts=0,
                    words=words,
                )
            )
            notify(connection, CHANNEL)

    def end(
        self, claimed: Claimed, status: Status, words: str, provider: str | None = None
    ) -> None:
        now = self._clock()
        with self._database.begin() as connection:
            close_attempt(connection, _tries(claimed), Outcome.NEVER, words, now)
            earlier = attempt.c.outgoing_id == uuid.UUID(claimed.outgoing.id)
            close_attempt(connection, earlier, Outcome.UNKNOWN, words, now)
            if provider is not None:
                connection.execute(update(table).where(*_ours(claimed)).values(provider=provider))
            move(connection, and_(*_ours(claimed)), status, words, now)
            _wake_next(connection, claimed)

    def settle(self, receipt: Receipt) -> Settled:
        """Takes in a receipt, and tells whether it moved its message on.

        Repeated, late and unknown ones are fine: every one is kept, none moves a message back.
        """
        with self._database.begin() as connection:
            name = f"{receipt.provider}:{receipt.ref}"
            one_at_a_time(connection, self._vault.blind("receipt", name))
            return take_in(connection, receipt, self._clock())


def _ours(claimed: Claimed) -> tuple[Any, ...]:
    return (
        table.c.id == uuid.UUID(claimed.outgoing.id),
        table.c.claims == claimed.claim,
        table.c.status == Status.SENDING,
    )


def _tries(claimed: Claimed) -> Any:
    """What was tried in this claim."""
    return and_(
        attempt.c.outgoing_id == uuid.UUID(claimed.outgoing.id), attempt.c.claim == claimed.claim
    )


def _wake_next(connection: Connection, claimed: Claimed) -> None:
    """An urgent message may have held up another one to the same address."""
    if claimed.outgoing.lane is Lane.URGENT:
        notify(connection, CHANNEL)
