"""The rows of campaigns: whom each writes to, sealed, and what has become of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, text

from core.campaigns.campaign import Campaign, CampaignError, Fate, RowSeen
from core.campaigns.digest import Digest
from core.campaigns.source import Row as SourceRow
from core.clock import Clock, now
from core.message import Address, Network
from core.outbox.numbers import SILENT
from core.outbox.outgoing import Purpose
from core.outbox.story import why
from core.outbox.topics import TOPIC_OF
from core.privacy import mask_phone
from core.store.campaign_who import WHO, Opened, Who
from core.store.database import Database
from core.store.tables import campaign_row as table
from core.store.tables import outgoing
from core.store.vault import Vault

BATCH: Final = 1000
RESULT: Final = "result"
"""The column that tells one."""

MOST_ROWS: Final = 2_000_000

_PUT = text("""
INSERT INTO campaign_row (campaign_id, number, body, phone_index, said_index, province, ward,
  state, reason, canary)
SELECT :campaign, asked.*, false FROM unnest(CAST(:numbers AS int[]), CAST(:bodies AS bytea[]),
  CAST(:phones AS bytea[]), CAST(:said AS bytea[]), CAST(:provinces AS text[]),
  CAST(:wards AS text[]), CAST(:states AS text[]), CAST(:reasons AS text[])) AS asked
""")

_DUPLICATES = text("""
SELECT number, first FROM (
  SELECT number, min(number) OVER (PARTITION BY said_index) AS first FROM campaign_row
  WHERE campaign_id = :campaign AND state = 'new') AS seen
WHERE first < number ORDER BY number
""")

# One test has one result: whoever sends two of them by mistake sends none.
_CONTRADICTIONS = text("""
SELECT number, coalesce(lag(number) OVER same, lead(number) OVER same) AS other FROM (
  SELECT number, substr(said_index, 1, 16) AS test,
    count(*) OVER (PARTITION BY substr(said_index, 1, 16)) AS told
  FROM campaign_row WHERE campaign_id = :campaign AND state = 'new') AS seen
WHERE told > 1 WINDOW same AS (PARTITION BY test ORDER BY number)
""")

_MARK = text("""
UPDATE campaign_row SET state = asked.state, reason = asked.reason
FROM unnest(CAST(:numbers AS int[]), CAST(:states AS text[]), CAST(:reasons AS text[]))
  AS asked (number, state, reason)
WHERE campaign_row.campaign_id = :campaign AND campaign_row.number = asked.number
""")

# Within the transaction: thousands of rows that the planner takes for one lead it far astray.
_COUNT_ANEW = text("ANALYZE campaign_row")

# Spread over the whole table: its first rows are often of one place, or of the makers' own phones.
_CANARY = text("""
UPDATE campaign_row SET canary = true FROM (
  SELECT number FROM campaign_row WHERE campaign_id = :campaign AND state = 'new'
  AND NOT (coalesce('province:' || province = ANY(:held), false)
    OR coalesce('ward:' || ward = ANY(:held), false))
  ORDER BY md5(number::text || :campaign), number
  LIMIT greatest(:least, (SELECT ceil(count(*) * CAST(:share AS float8)) FROM campaign_row
    WHERE campaign_id = :campaign AND state = 'new'))) AS chosen
WHERE campaign_id = :campaign AND campaign_row.number = chosen.number
""")

Watch = Callable[[int, int | None], None]
"""Told of each batch: so many rows more were taken in, or were looked at of so many in all."""


@dataclass(frozen=True, slots=True)
class CampaignRows:
    """Keeps and finds rows, many in one go.

    `chats` are the networks on which people may be written to instead; a number that was `silent`
    for so long may be somebody else's by now.
    """

    database: Database
    vault: Vault
    watch: Watch = lambda _more, _of: None
    chats: tuple[Network, ...] = ()
    silent: timedelta = SILENT
    clock: Clock = now

    def put(
        self, connection: Connection, campaign: Campaign, rows: Iterable[SourceRow]
    ) -> Campaign:
        """These rows in the place of those before; the campaign with their digest.

        Raises CampaignError.
        """
        connection.execute(delete(table).where(table.c.campaign_id == campaign.id))
        coming, total, digest = iter(rows), 0, Digest(campaign.plan)
        while batch := list(islice(coming, BATCH)):
            total += len(batch)
            if total > MOST_ROWS:
                raise CampaignError(f"more than {MOST_ROWS} rows: make several campaigns of them")
            connection.execute(_PUT, self._columns(campaign, batch))
            for row in batch:
                digest.add(row)
            self.watch(len(batch), None)
        if not total:
            raise CampaignError("there is not a single row")
        if total >= BATCH:
            connection.execute(_COUNT_ANEW)
        again = connection.execute(_DUPLICATES, {"campaign": campaign.id}).all()
        self.mark(
            connection,
            campaign.id,
            [(row.number, Fate.DUPLICATE, f"row {row.first} says the same") for row in again],
        )
        against = connection.execute(_CONTRADICTIONS, {"campaign": campaign.id}).all()
        self.mark(
            connection,
            campaign.id,
            [
                (row.number, Fate.BAD, f"row {row.other} tells another result of this test")
                for row in against
            ],
        )
        return replace(campaign, digest=digest.written)

    def mark(
        self, connection: Connection, campaign_id: str, marks: Sequence[tuple[int, Fate, str]]
    ) -> None:
        """Writes down what becomes of rows: number, fate and reason."""
        for begin in range(0, len(marks), BATCH):
            numbers, states, reasons = zip(*marks[begin : begin + BATCH], strict=True)
            given = {"numbers": numbers, "states": states, "reasons": reasons}
            connection.execute(
                _MARK, {"campaign": campaign_id, **{name: list(of) for name, of in given.items()}}
            )

    def _columns(self, campaign: Campaign, batch: Sequence[SourceRow]) -> dict[str, Any]:
        good = [not row.bad for row in batch]
        phones = [self.vault.blind("phone", row.to) if row.to else None for row in batch]
        return {
            "campaign": campaign.id,
            "numbers": [row.number for row in batch],
            "bodies": [
                self._sealed(campaign.id, row) if well else None
                for row, well in zip(batch, good, strict=True)
            ],
            "phones": phones,
            "said": [
                self._said(campaign, row) if well else None
                for row, well in zip(batch, good, strict=True)
            ],
            "provinces": [row.province for row in batch],
            "wards": [row.ward for row in batch],
            "states": [Fate.BAD.value if row.bad else Fate.NEW.value for row in batch],
            "reasons": [row.bad for row in batch],
        }

    def _sealed(self, campaign_id: str, row: SourceRow) -> bytes:
        body: dict[str, object] = {
            "to": row.to,
            "values": dict(row.values),
            "language": row.language,
        }
        if row.sms_only:
            body["sms"] = True
        return self.vault.seal_json(body, f"campaign_row.body:{campaign_id}:{row.number}")

    def _said(self, campaign: Campaign, row: SourceRow) -> bytes:
        """What may not be said twice: one thing to one number; results differ by their values.

        Of a result the first half is the same for all results of one test.
        """
        if campaign.plan.purpose is not Purpose.RESULT:
            return self._half(row, {})
        test = {name: value for name, value in row.values.items() if name != RESULT}
        return self._half(row, test) + self._half(row, dict(row.values))

    def _half(self, row: SourceRow, values: Mapping[str, str]) -> bytes:
        said = json.dumps(values, sort_keys=True) if values else ""
        return self.vault.blind("campaign.said", f"{row.to}\n{said}")

    def choose_canary(
        self, connection: Connection, campaign: Campaign, share: float, least: int
    ) -> None:
        """Marks those who get it first."""
        held = [*campaign.paused_areas, *campaign.stopped_areas]
        given = {"campaign": campaign.id, "share": share, "least": least, "held": held}
        connection.execute(_CANARY, given)

    def open(self, row: Row[Any]) -> Opened:
        """A row in clear. Raises Unopenable."""
        body = self.vault.open_json(row.body, f"campaign_row.body:{row.campaign_id}:{row.number}")
        return Opened(
            number=row.number,
            to=body["to"],
            values=body["values"],
            language=body["language"],
            phone=row.phone_index,
            province=row.province,
            sms_only=body.get("sms", False),
        )

    def who(
        self,
        connection: Connection,
        opened: Sequence[Opened],
        purpose: Purpose,
        consent: str | None = None,
    ) -> list[Who]:
        """What we know of each of these; `consent` is the one that they must have given."""
        found = [Who(refused=consent is not None)] * len(opened)
        given = {
            "phones": [one.phone for one in opened],
            "addresses": [self.vault.blind("address.phone", one.to) for one in opened],
            "consent": consent,
            "topic": TOPIC_OF[purpose].value,
            "networks": list(self.chats),
            "heard_since": self.clock() - self.silent,
        }
        for row in connection.execute(WHO, given):
            found[row.place] = Who(
                row.language,
                row.accents,
                bool(row.refused),
                bool(row.discreet),
                None if row.person is None else str(row.person),
                None if row.network is None else self._chat(row),
            )
        return found

    def _chat(self, row: Row[Any]) -> Address:
        value = self.vault.open(row.value, f"address.value:{row.value_index.hex()}")
        return Address(row.network, value)

    def codes(self, connection: Connection, campaign_id: str, kind: str) -> list[str]:
        """The codes of every `province`, or every `ward`, that some row names, in their order."""
        column = table.c.ward if kind == "ward" else table.c.province
        query = select(column).where(table.c.campaign_id == campaign_id, column.is_not(None))
        return sorted(connection.execute(query.distinct()).scalars())

    def batches(self, connection: Connection, campaign_id: str) -> Iterator[Sequence[Row[Any]]]:
        """All rows in their order, some at a time."""
        here, after = table.c.campaign_id == campaign_id, -1
        total = connection.execute(select(func.count()).select_from(table).where(here)).scalar_one()
        query = select(table).where(here).order_by(table.c.number)
        while batch := connection.execute(query.where(table.c.number > after).limit(BATCH)).all():
            yield batch
            after = batch[-1].number
            self.watch(len(batch), total)

    def page(
        self, campaign_id: str, *, after: int, limit: int, state: Fate | None = None
    ) -> tuple[RowSeen, ...]:
        """Rows behind number `after`, with masked numbers, and what became of their messages."""
        query = (
            select(table, outgoing.c.status, outgoing.c.words)
            .outerjoin(outgoing, outgoing.c.id == table.c.outgoing_id)
            .where(table.c.campaign_id == campaign_id, table.c.number > after)
            .order_by(table.c.number)
            .limit(limit)
        )
        if state is not None:
            query = query.where(table.c.state == state)
        with self.database.begin() as connection:
            return tuple(self._seen(row) for row in connection.execute(query))

    def _seen(self, row: Row[Any]) -> RowSeen:
        return RowSeen(
            number=row.number,
            to=None if row.body is None else mask_phone(self.open(row).to),
            province=row.province,
            ward=row.ward,
            state=row.status or row.state,
            reason=row.reason or why(row.status or "", row.words or ""),
            message=None if row.outgoing_id is None else str(row.outgoing_id),
        )
