"""The outbox in PostgreSQL: messages committed with their cause, claimed with a lease, settled."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Connection, Row, and_, case, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.message import Address, Channel, Network, Page
from core.outbox.outgoing import Lane, Outgoing, Purpose, Receipt, Settled, Status, before
from core.outbox.ports import Claimed, Sent
from core.store.database import Database, notify, one_at_a_time
from core.store.settling import move, settle_waiting, take_in
from core.store.tables import outgoing as table
from core.store.vault import Unopenable, Vault

CHANNEL = "motcua_outbox"
"""What is notified when there is something to send."""

LEASE = timedelta(seconds=45)
"""A worker that dies is noticed after this long; one that lives renews it."""

_TURNS = tuple(
    (first, *(lane for lane in Lane if lane is not first))
    for first in (
        *(Lane.URGENT, Lane.URGENT, Lane.NORMAL, Lane.URGENT),
        *(Lane.URGENT, Lane.BULK, Lane.NORMAL, Lane.URGENT),
    )
)
"""Which lane is asked first, claim after claim: nobody waits for ever behind a busier lane."""


class Outbox:
    """Implements `core.outbox.ports.Queue`, and takes in messages and receipts."""

    def __init__(
        self, database: Database, vault: Vault, clock: Clock, *, lease: timedelta = LEASE
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lease = lease
        self._turns: Iterator[tuple[Lane, ...]] = itertools.cycle(_TURNS)

    @property
    def lease(self) -> timedelta:
        """How long a claim holds unless it is renewed."""
        return self._lease

    def put(self, connection: Connection, outgoing: Outgoing) -> bool:
        """Takes a message in, in the transaction of its cause; False when its key is known."""
        now = self._clock()
        row, where = outgoing.id, outgoing.address
        made = connection.execute(
            insert(table)
            .values(
                id=uuid.UUID(row),
                key=outgoing.key,
                person_id=outgoing.person_id,
                network=where.network,
                channel=outgoing.channel,
                address=self._vault.seal(where.value, f"outgoing.address:{row}"),
                address_index=self._vault.blind(f"address.{where.network}", where.value),
                body=self._vault.seal_json(outgoing.page.to_json(), f"outgoing.body:{row}"),
                purpose=outgoing.purpose,
                lane=outgoing.lane,
                status=Status.QUEUED,
                attempts=0,
                claims=0,
                not_before=outgoing.not_before or now,
                useless_after=outgoing.useless_after,
                created_at=now,
                words="",
            )
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(table.c.id)
        ).scalar()
        if made is None:
            return False
        notify(connection, CHANNEL)
        return True

    def status(self, outgoing_id: str) -> Status | None:
        """What has become of a message; None when there is no such message."""
        with self._database.begin() as connection:
            found = connection.execute(
                select(table.c.status).where(table.c.id == uuid.UUID(outgoing_id))
            ).scalar()
        return None if found is None else Status(found)

    def claim(self, limit: int) -> Sequence[Claimed]:
        now = self._clock()
        rows: list[Row[Any]] = []
        with self._database.begin() as connection:
            rows += self._take(
                connection,
                and_(table.c.status == Status.SENDING, table.c.lease_until <= now),
                (table.c.lease_until,),
                limit,
            )
            for lane in next(self._turns):
                if len(rows) < limit:
                    rows += self._take(
                        connection,
                        and_(
                            table.c.status == Status.QUEUED,
                            table.c.lane == lane,
                            table.c.not_before <= now,
                            *([~_earlier()] if lane is Lane.URGENT else []),
                        ),
                        (table.c.not_before, table.c.seq),
                        limit - len(rows),
                    )
            return [one for row in rows if (one := self._read(connection, row)) is not None]

    def _take(
        self, connection: Connection, due: Any, order: tuple[Any, ...], limit: int
    ) -> list[Row[Any]]:
        chosen = (
            select(table.c.id)
            .where(due)
            .order_by(*order)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("chosen")
        )
        taken = connection.execute(
            update(table)
            .where(table.c.id == chosen.c.id)
            .values(
                status=Status.SENDING,
                lease_until=self._clock() + self._lease,
                attempts=table.c.attempts + 1,
                claims=table.c.claims + 1,
            )
            .returning(*table.c)
        )
        return sorted(taken, key=lambda row: row.seq)

    def _read(self, connection: Connection, row: Row[Any]) -> Claimed | None:
        """The message as it was put in; one that does not open is failed, and stops nobody else."""
        try:
            address = self._vault.open(row.address, f"outgoing.address:{row.id}")
            body = self._vault.open_json(row.body, f"outgoing.body:{row.id}")
        except Unopenable as error:
            move(connection, table.c.id == row.id, Status.FAILED, str(error), self._clock())
            return None
        outgoing = Outgoing(
            key=row.key,
            address=Address(_network(row.network), address),
            channel=Channel(row.channel),
            page=Page.from_json(body),
            purpose=Purpose(row.purpose),
            lane=Lane(row.lane),
            person_id=None if row.person_id is None else str(row.person_id),
            not_before=row.not_before,
            useless_after=row.useless_after,
        )
        return Claimed(outgoing, row.attempts, row.claims, row.created_at)

    def renew(self, claimed: Collection[Claimed]) -> Collection[Claimed]:
        held = {one.outgoing.id: one for one in claimed}
        ours = [
            and_(table.c.id == uuid.UUID(one.outgoing.id), table.c.claims == one.claim)
            for one in claimed
        ]
        if not ours:
            return ()
        with self._database.begin() as connection:
            renewed = connection.scalars(
                update(table)
                .where(or_(*ours), table.c.status == Status.SENDING)
                .values(lease_until=self._clock() + self._lease)
                .returning(table.c.id)
            )
            return [held[str(row)] for row in renewed]

    def sent(self, claimed: Claimed, provider: str, sent: Sent) -> None:
        row = uuid.UUID(claimed.outgoing.id)
        with self._database.begin() as connection:
            if sent.provider_ref is not None:
                one_at_a_time(connection, self._receipt_lock(provider, sent.provider_ref))
            # Also when the lease was lost: the provider has it, and nobody should send it again.
            may = table.c.status.in_(before(Status.SENT))
            connection.execute(
                update(table)
                .where(table.c.id == row)
                .values(
                    provider=provider,
                    provider_ref=sent.provider_ref,
                    segments=sent.segments,
                    status=case((may, Status.SENT), else_=table.c.status),
                    lease_until=None,
                )
            )
            if sent.provider_ref is not None:
                settle_waiting(connection, row, provider, sent.provider_ref, self._clock())
            _wake_next(connection, claimed)

    def later(self, claimed: Claimed, at: datetime, words: str, *, counted: bool) -> None:
        with self._database.begin() as connection:
            connection.execute(
                update(table)
                .where(*_ours(claimed))
                .values(
                    status=Status.QUEUED,
                    lease_until=None,
                    not_before=at,
                    attempts=table.c.attempts - (0 if counted else 1),
                    words=words,
                )
            )

    def end(
        self, claimed: Claimed, status: Status, words: str, provider: str | None = None
    ) -> None:
        with self._database.begin() as connection:
            if provider is not None:
                connection.execute(update(table).where(*_ours(claimed)).values(provider=provider))
            move(connection, and_(*_ours(claimed)), status, words, self._clock())
            _wake_next(connection, claimed)

    def settle(self, receipt: Receipt) -> Settled:
        """Takes in a receipt, and tells whether it moved its message on.

        Repeated, late and unknown ones are fine: every one is kept, none moves a message back.
        """
        with self._database.begin() as connection:
            one_at_a_time(connection, self._receipt_lock(receipt.provider, receipt.ref))
            return take_in(connection, receipt, self._clock())

    def _receipt_lock(self, provider: str, ref: str) -> bytes:
        return self._vault.blind("receipt", f"{provider}:{ref}")


def _earlier() -> Any:
    """An urgent message to the same address that comes first and is not out of the house yet."""
    first = table.alias("earlier")
    return exists().where(
        first.c.address_index == table.c.address_index,
        first.c.lane == Lane.URGENT,
        first.c.status.in_((Status.QUEUED, Status.SENDING)),
        first.c.seq < table.c.seq,
    )


def _ours(claimed: Claimed) -> tuple[Any, ...]:
    return (
        table.c.id == uuid.UUID(claimed.outgoing.id),
        table.c.claims == claimed.claim,
        table.c.status == Status.SENDING,
    )


def _wake_next(connection: Connection, claimed: Claimed) -> None:
    """An urgent message may have held up another one to the same address."""
    if claimed.outgoing.lane is Lane.URGENT:
        notify(connection, CHANNEL)


def _network(name: str) -> Network:
    for network in get_args(Network):
        if network == name:
            return network  # type: ignore[no-any-return]
    raise ValueError(f"unknown network {name}")
