"""Opens the messages that a worker has claimed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from core.outbox.outgoing import Outcome, Status
from core.outbox.ports import Claimed, Doubt
from core.store import outgoing_rows as rows
from core.store.settling import move
from core.store.tables import attempt, outgoing
from core.store.vault import Unopenable, Vault

IN_ONE_BREATH: Final = 8
BREATH: Final = 0.0005
"""To open many messages takes Python long: after so many, so many seconds are left to the threads
that send, or a provider's connections would lie idle meanwhile."""


def opened(
    connection: Connection, vault: Vault, taken: Sequence[Row[Any]], now: datetime
) -> Iterator[Claimed]:
    """The messages as they were put in; one that does not open is failed, and stops nobody else."""
    again = [row.id for row in taken if row.claims > 1]
    doubts = _doubts(connection, again) if again else {}
    for number, row in enumerate(taken, 1):
        try:
            yield rows.read(vault, row, doubts)
        except Unopenable as error:
            move(connection, outgoing.c.id == row.id, Status.FAILED, str(error), now)
        if not number % IN_ONE_BREATH:
            time.sleep(BREATH)


def _doubts(connection: Connection, taken: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Doubt]:
    """Which of these some provider may have, although nobody could mark them."""
    found = connection.execute(
        select(attempt)
        .where(attempt.c.outgoing_id.in_(taken), attempt.c.outcome == Outcome.OPEN)
        .order_by(attempt.c.began_at)
    )
    return {row.outgoing_id: Doubt(row.provider, row.began_at) for row in found}
