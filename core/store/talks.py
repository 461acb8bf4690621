"""Implements `core.people.talks` on PostgreSQL: whose a chat is, and what was said in it, sealed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core import hear
from core.clock import Clock
from core.message import Address, Channel, Inbound, Page, Screen
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.people.accounts import Person
from core.people.hours import Hours
from core.people.talks import Answering, Ending, OperatorTalk, Whose
from core.showing import TO_MENU
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import address as addresses
from core.store.tables import outgoing
from core.store.tables import person as people
from core.store.tables import talk as table
from core.store.tables import talk_line as lines
from core.store.talk_rows import NETWORKS, key_of, line, patience_from, shown, uuid_of
from core.store.vault import Vault
from core.text import DEFAULT_LANGUAGE, Text, _
from core.voice import Voice

MOST_LISTED: Final = 200
MOST_LINES: Final = 500
MARK: Final = "👤 "
"""Stands before what a person of ours has written, so that nobody takes it for an automatic answer."""

OVER: Final = _("Our conversation with you is over. I answer again: write MENU or 00.")
UNANSWERED: Final = _(
    "We are sorry: nobody of our staff is free just now. I answer again: write MENU or 00, "
    "or GAP NGUOI to try once more."
)


@dataclass(frozen=True, slots=True)
class StoredTalks:
    """Any number of processes may use it at once. `patience`: so long a talk waits for somebody.

    `voices` say how to speak on each network.
    """

    database: Database
    vault: Vault
    clock: Clock
    outbox: Outbox
    voices: Mapping[str, Voice]
    hours: Hours
    patience: timedelta

    # In the conversation

    def ask(self, address: Address, person: Person) -> Answering:
        now = self.clock()
        if not self.hours.at(now):
            return Answering(False, self.hours.next(now))
        with self.database.begin() as connection:
            self._open(connection, address, person.language, by_hand=False)
        return Answering(True)

    def hear(self, inbound: Inbound) -> Whose:
        if inbound.event == "by-hand":
            self._taken_over(inbound)
            return "theirs"
        said_something = inbound.event == "resume" and not (inbound.proved or inbound.claimed)
        if inbound.channel is not Channel.CHAT or not said_something:
            return "ours"
        now = self.clock()
        with self.database.begin() as connection:
            row = connection.execute(
                select(table).where(*self._open_at(inbound.address)).with_for_update()
            ).one_or_none()
            if row is None:
                return "ours"
            back = inbound.option is not None or any(map(hear.is_menu, inbound.said))
            if back or patience_from(row) < now - self.patience:
                self._end(connection, row.id, "person" if back else "time")
                return "back"
            self._write(connection, row.id, key_of(inbound), "person", "\n".join(inbound.said))
            connection.execute(
                update(table)
                .where(table.c.id == row.id)
                .values(spoke_at=now, waiting_since=func.coalesce(table.c.waiting_since, now))
            )
        return "theirs"

    def _taken_over(self, inbound: Inbound) -> None:
        """Somebody of ours has written to this person in the network's own console."""
        said = "\n".join(inbound.said)
        with self.database.begin() as connection:
            language = self._language(connection, inbound.address)
            talk_id = self._open(connection, inbound.address, language, by_hand=True)
            self._answered(connection, talk_id, key_of(inbound), said, None)

    # For operators

    def listed(self, *, closed: bool) -> Sequence[OperatorTalk]:
        ended = table.c.closed_at.is_not(None)
        chosen = select(table).where(ended if closed else ~ended).limit(MOST_LISTED)
        ordered = chosen.order_by(
            table.c.closed_at.desc()
            if closed
            else func.coalesce(table.c.waiting_since, table.c.spoke_at)
        )
        with self.database.begin() as connection:
            return [shown(row) for row in connection.execute(ordered)]

    def read(self, talk_id: str) -> OperatorTalk | None:
        with self.database.begin() as connection:
            row = connection.execute(
                select(table).where(table.c.id == uuid_of(talk_id))
            ).one_or_none()
            if row is None:
                return None
            said = connection.execute(
                select(lines, outgoing.c.status)
                .outerjoin(outgoing, outgoing.c.key == lines.c.key)
                .where(lines.c.talk_id == row.id)
                .order_by(lines.c.id.desc())
                .limit(MOST_LINES)
            ).all()
        return shown(row, [line(one, self.vault) for one in reversed(said)])

    def say(self, talk_id: str, said: str, *, key_id: str, key: str) -> Literal["said", "closed"]:
        line_key = f"talk:{self.vault.blind('talk.key', f'{key_id}:{talk_id}:{key}').hex()}"
        with self.database.begin() as connection:
            row = self._known(connection, talk_id)
            known = select(lines.c.id).where(lines.c.key == line_key)
            if connection.execute(known).scalar() is not None:
                return "said"
            if row.closed_at is not None:
                return "closed"
            self._answered(connection, row.id, line_key, said, key_id)
            self._send(connection, row, line_key, Page(MARK + said))
        return "said"

    def close(self, talk_id: str) -> None:
        with self.database.begin() as connection:
            row = self._known(connection, talk_id)
            if row.closed_at is None:
                self._end(connection, row.id, "operator")
                self._goodbye(connection, row, OVER)

    def close_stale(self) -> int:
        """Ends the talks in which nobody has said anything for too long; how many those were."""
        since = func.coalesce(table.c.waiting_since, table.c.spoke_at)
        stale = select(table).where(
            table.c.closed_at.is_(None), since < self.clock() - self.patience
        )
        with self.database.begin() as connection:
            rows = connection.execute(stale.with_for_update(skip_locked=True)).all()
            for row in rows:
                self._end(connection, row.id, "time")
                if row.waiting_since is not None:
                    self._goodbye(connection, row, UNANSWERED)
                elif not row.by_hand:
                    self._goodbye(connection, row, OVER)
        return len(rows)

    # Rows

    def _open(
        self, connection: Connection, address: Address, language: str, *, by_hand: bool
    ) -> uuid.UUID:
        """The talk that is open in this chat, begun now if there is none."""
        made, now = uuid.uuid4(), self.clock()
        connection.execute(
            insert(table)
            .values(
                id=made,
                network=address.network,
                address_index=self._index(address),
                address=self.vault.seal(address.value, f"talk.address:{made}"),
                language=language,
                by_hand=by_hand,
                opened_at=now,
                spoke_at=now,
                waiting_since=None if by_hand else now,
            )
            .on_conflict_do_nothing(
                index_elements=["network", "address_index"], index_where=table.c.closed_at.is_(None)
            )
        )
        found: uuid.UUID = connection.execute(
            select(table.c.id).where(*self._open_at(address))
        ).scalar_one()
        return found

    def _answered(
        self, connection: Connection, talk_id: uuid.UUID, key: str, said: str, key_id: str | None
    ) -> None:
        self._write(connection, talk_id, key, "operator", said, key_id)
        connection.execute(
            update(table)
            .where(table.c.id == talk_id)
            .values(spoke_at=self.clock(), waiting_since=None)
        )

    def _write(
        self,
        connection: Connection,
        talk_id: uuid.UUID,
        key: str,
        by: Literal["person", "operator"],
        said: str,
        key_id: str | None = None,
    ) -> None:
        connection.execute(
            insert(lines)
            .values(
                talk_id=talk_id,
                key=key,
                said_by=by,
                said=self.vault.seal(said, f"talk_line.said:{key}"),
                key_id=key_id,
                said_at=self.clock(),
            )
            .on_conflict_do_nothing(index_elements=["key"])
        )

    def _end(self, connection: Connection, talk_id: uuid.UUID, ending: Ending) -> None:
        connection.execute(
            update(table)
            .where(table.c.id == talk_id)
            .values(closed_at=self.clock(), ending=ending, waiting_since=None)
        )

    def _goodbye(self, connection: Connection, row: Row[Any], said: Text) -> None:
        screen = Screen(said, ways=(TO_MENU,))
        page = self.voices[row.network].pages(screen, language=row.language, accents=None)[0]
        self._send(connection, row, f"talk-over:{row.id}", page)

    def _send(self, connection: Connection, row: Row[Any], key: str, page: Page) -> None:
        value = self.vault.open(row.address, f"talk.address:{row.id}")
        self.outbox.put(
            connection,
            Outgoing(
                key=key,
                address=Address(NETWORKS[row.network], value),
                channel=Channel.CHAT,
                page=page,
                purpose=Purpose.REPLY,
                lane=Lane.URGENT,
            ),
        )

    def _known(self, connection: Connection, talk_id: str) -> Row[Any]:
        """Raises KeyError."""
        known = select(table).where(table.c.id == uuid_of(talk_id)).with_for_update()
        row = connection.execute(known).one_or_none()
        if row is None:
            raise KeyError("no such talk")
        return row

    def _language(self, connection: Connection, address: Address) -> str:
        known = (
            select(people.c.language)
            .join(addresses, addresses.c.person_id == people.c.id)
            .where(
                addresses.c.network == address.network,
                addresses.c.value_index == self._index(address),
            )
        )
        return connection.execute(known).scalar() or DEFAULT_LANGUAGE

    def _index(self, address: Address) -> bytes:
        return self.vault.blind(f"address.{address.network}", address.value)

    def _open_at(self, address: Address) -> tuple[ColumnElement[bool], ...]:
        return (
            and_(
                table.c.network == address.network,
                table.c.address_index == self._index(address),
                table.c.closed_at.is_(None),
            ),
        )
