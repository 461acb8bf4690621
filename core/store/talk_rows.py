"""Rows of the tables `talk` and `talk_line` as the values that operators see."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, get_args

from sqlalchemy import Row

from core.message import Inbound, Network
from core.people.talks import OperatorTalk, TalkLine
from core.store.vault import Vault

NETWORKS: Final[dict[str, Network]] = {name: name for name in get_args(Network)}


def key_of(inbound: Inbound) -> str:
    return f"{inbound.provider}:{inbound.hop}"


def patience_from(row: Row[Any]) -> datetime:
    """Since when somebody waits for the other; a person who writes again has waited no less."""
    since: datetime = row.waiting_since or row.spoke_at
    return since


def shown(row: Row[Any], said: Sequence[TalkLine] = ()) -> OperatorTalk:
    return OperatorTalk(
        id=str(row.id),
        network=NETWORKS[row.network],
        language=row.language,
        by_hand=row.by_hand,
        opened_at=row.opened_at,
        waiting_since=row.waiting_since,
        closed_at=row.closed_at,
        ending=row.ending,
        lines=said,
    )


def uuid_of(talk_id: str) -> uuid.UUID:
    """Nil for what is no id: nothing is ever found by it."""
    try:
        return uuid.UUID(talk_id)
    except ValueError:
        return uuid.UUID(int=0)


def line(row: Row[Any], vault: Vault) -> TalkLine:
    """One thing that was said, opened. Raises Unopenable."""
    said = vault.open(row.said, f"talk_line.said:{row.key}")
    return TalkLine(row.said_by, said, row.said_at, row.status)
