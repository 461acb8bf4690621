"""Short codes as they are kept: each bound to a QID, for some hours, until it is revoked."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from core.clock import Clock
from core.qr import short_code as digits
from core.records import FoundCode
from core.store.database import Database, one_at_a_time
from core.store.tables import short_code
from core.store.vault import Vault


class ShortCodes:
    """Gives codes out and finds them again. Any number of processes may do so at once."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        hours: float = 24,
        randbelow: Callable[[int], int] = secrets.randbelow,
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._valid = timedelta(hours=hours)
        self._randbelow = randbelow
        self._new_id = new_id

    def code_for(self, citizen_id: str, qid: str, payload: str) -> tuple[str, datetime]:
        """The person's code (12 digits) and when it ends: the same one again while it is valid."""
        with self._database.begin() as connection:
            qid_index = self._vault.blind("short_code.qid", qid)
            # Two requests at the same moment must get the same code.
            one_at_a_time(connection, qid_index)
            known = connection.execute(
                select(short_code)
                .where(
                    short_code.c.qid_index == qid_index,
                    short_code.c.expires_at > self._clock(),
                    short_code.c.revoked_at.is_(None),
                )
                .order_by(short_code.c.expires_at.desc())
                .limit(1)
            ).one_or_none()
            if known is None:
                return self._give_out(connection, citizen_id, qid, payload)
            found = self._read(known)
            if (found.citizen_id, found.payload) != (citizen_id, payload):
                self._renew(connection, known.id, citizen_id, payload)
            code = self._vault.open(known.code, f"short_code.code:{known.id}")
            return code, known.expires_at

    def find(self, code: str) -> FoundCode | None:
        """What stands behind these twelve digits; None when such a code was never given out."""
        index = self._vault.blind("short_code.code", code)
        with self._database.begin() as connection:
            row = connection.execute(
                select(short_code).where(short_code.c.code_index == index)
            ).one_or_none()
        return None if row is None else self._read(row)

    def revoke(self, qid: str) -> int:
        """Ends every code of this QID at once; how many there were."""
        now = self._clock()
        with self._database.begin() as connection:
            ended = connection.execute(
                update(short_code)
                .where(
                    short_code.c.qid_index == self._vault.blind("short_code.qid", qid),
                    short_code.c.expires_at > now,
                    short_code.c.revoked_at.is_(None),
                )
                .values(revoked_at=now)
            )
        return ended.rowcount

    def _give_out(
        self, connection: Connection, citizen_id: str, qid: str, payload: str
    ) -> tuple[str, datetime]:
        now = self._clock()
        seal = self._vault.seal
        while True:
            code, row = digits.new(self._randbelow), self._new_id()
            made = connection.execute(
                insert(short_code)
                .values(
                    id=row,
                    code_index=self._vault.blind("short_code.code", code),
                    code=seal(code, f"short_code.code:{row}"),
                    qid_index=self._vault.blind("short_code.qid", qid),
                    qid=seal(qid, f"short_code.qid:{row}"),
                    payload=seal(payload, f"short_code.payload:{row}"),
                    citizen=seal(citizen_id, f"short_code.citizen:{row}"),
                    issued_at=now,
                    expires_at=now + self._valid,
                )
                # Somebody else has this very code: draw another one.
                .on_conflict_do_nothing(index_elements=["code_index"])
                .returning(short_code.c.expires_at)
            ).scalar()
            if made is not None:
                return code, made

    def _renew(self, connection: Connection, row: uuid.UUID, citizen_id: str, payload: str) -> None:
        """The code stays; what it stands for is what the platform says today."""
        connection.execute(
            update(short_code)
            .where(short_code.c.id == row)
            .values(
                payload=self._vault.seal(payload, f"short_code.payload:{row}"),
                citizen=self._vault.seal(citizen_id, f"short_code.citizen:{row}"),
            )
        )

    def _read(self, row: Row[Any]) -> FoundCode:
        state: Literal["valid", "expired", "revoked"] = "valid"
        if row.revoked_at is not None:
            state = "revoked"
        elif row.expires_at <= self._clock():
            state = "expired"
        return FoundCode(
            state=state,
            citizen_id=self._vault.open(row.citizen, f"short_code.citizen:{row.id}"),
            qid=self._vault.open(row.qid, f"short_code.qid:{row.id}"),
            payload=self._vault.open(row.payload, f"short_code.payload:{row.id}"),
            expires_at=row.expires_at,
        )
