"""A message as a row of the table `outgoing`, and back."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, cast, get_args

import orjson
from sqlalchemy import Row

from core.message import Address, Channel, Network, Page
from core.outbox.outgoing import Lane, Outgoing, Purpose, Status
from core.outbox.ports import Claimed, Doubt
from core.store.vault import Vault

TEST = "a test: not sent"

_network = attrgetter("network")

NETWORKS: tuple[Network, ...] = get_args(Network)


def about_index(vault: Vault, about: str) -> bytes:
    """A blind name for what a message is about."""
    return vault.blind("outgoing.about", about)


def address_values(vault: Vault, outgoing: Outgoing) -> dict[str, Any]:
    """The columns that say where it goes, and what is read there."""
    return _address_values(vault, outgoing, outgoing.id)


def _address_values(vault: Vault, outgoing: Outgoing, row: str) -> dict[str, Any]:
    where = outgoing.address
    return {
        "network": where.network,
        "channel": outgoing.channel.value,
        "address": vault.seal(where.value, f"outgoing.address:{row}"),
        "address_index": vault.blind(f"address.{where.network}", where.value),
        "body": body(vault, outgoing, row),
    }


def addresses(vault: Vault, given: Collection[Outgoing], ids: Iterable[str]) -> list[bytes]:
    """Where they go, sealed."""
    plain = [one.address.value.encode() for one in given]
    return vault.seal_all(plain, [f"outgoing.address:{row}" for row in ids])


def address_indexes(vault: Vault, given: Iterable[Outgoing]) -> list[bytes]:
    """Blind names for where they go; those of one network that follow each other together."""
    names: list[bytes] = []
    for network, some in itertools.groupby((one.address for one in given), _network):
        names += vault.blind_all(f"address.{network}", [where.value for where in some])
    return names


def bodies(vault: Vault, given: Collection[Outgoing], ids: Iterable[str]) -> list[bytes]:
    """What is read there, sealed."""
    plain = [orjson.dumps(one.page.to_json()) for one in given]
    return vault.seal_all(plain, [f"outgoing.body:{row}" for row in ids])


def body(vault: Vault, outgoing: Outgoing, row: str) -> bytes:
    """What is read there, sealed."""
    return vault.seal(orjson.dumps(outgoing.page.to_json()), f"outgoing.body:{row}")


def values(vault: Vault, outgoing: Outgoing, now: datetime, not_before: datetime) -> dict[str, Any]:
    """The columns of a new message."""
    about, person = outgoing.about, outgoing.person_id
    row = outgoing.id  # made once: it costs as much as a seal
    return {
        **shared_values(outgoing, now, not_before),
        **_address_values(vault, outgoing, row),
        "id": uuid.UUID(row),
        "key": outgoing.key,
        "person_id": None if person is None else uuid.UUID(person),
        "about_index": None if about is None else about_index(vault, about),
    }


def shared_values(outgoing: Outgoing, now: datetime, not_before: datetime) -> dict[str, Any]:
    """The columns that are the same for messages of one kind at one time."""
    return {
        "network": outgoing.address.network,
        "channel": outgoing.channel.value,
        "purpose": outgoing.purpose.value,
        "lane": outgoing.lane.value,
        "status": Status.STOPPED.value if outgoing.test else Status.QUEUED.value,
        "attempts": 0,
        "claims": 0,
        "not_before": not_before,
        "useless_after": outgoing.useless_after,
        "due_at": not_before,
        "created_at": now,
        "settled_at": now if outgoing.test else None,
        "words": TEST if outgoing.test else "",
        "owner": outgoing.owner,
        "test": outgoing.test,
    }


def read(vault: Vault, row: Row[Any], doubts: Mapping[uuid.UUID, Doubt]) -> Claimed:
    """The message as it was put in (but for `about`, of which only a blind name is kept).

    Raises Unopenable.
    """
    body = vault.open_json(row.body, f"outgoing.body:{row.id}")
    outgoing = Outgoing(
        key=row.key,
        address=address(vault, row),
        channel=Channel(row.channel),
        page=Page.from_json(body),
        purpose=Purpose(row.purpose),
        lane=Lane(row.lane),
        person_id=None if row.person_id is None else str(row.person_id),
        not_before=row.not_before,
        useless_after=row.useless_after,
        owner=row.owner,
        test=row.test,
    )
    return Claimed(
        outgoing, row.attempts, row.claims, row.created_at, row.due_at, doubts.get(row.id)
    )


def address(vault: Vault, row: Row[Any]) -> Address:
    """Where it goes. Raises Unopenable."""
    if row.network not in NETWORKS:
        raise ValueError(f"unknown network {row.network}")
    value = vault.open(row.address, f"outgoing.address:{row.id}")
    return Address(cast(Network, row.network), value)
