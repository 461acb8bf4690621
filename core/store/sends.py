"""What is written down around a send: that it begins, if it may, and that the provider took it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection

from core.clock import Clock
from core.outbox.numbers import RELINK, SENSITIVE, SILENT
from core.outbox.outgoing import ASKED_FOR, Outgoing, Status, before
from core.outbox.ports import Begin, Done, Note, Verdict
from core.outbox.topics import TOPIC_OF
from core.store.arrays import blobs, numbers, uuids
from core.store.database import Driver, driver_of, in_driver, lock_keys
from core.store.numbers import IN_DOUBT
from core.store.settling import settle_waiting
from core.store.vault import Vault
from core.store.wishes import REFUSED

# The owner of an address is whoever holds it now: people are merged when they prove a number.
_GATE = in_driver(f"""
SELECT asked.place - 1 AS place, owner.id AS person_id,
  message.status = 'sending' AND message.claims = asked.claim AS ours,
  address.blocked_at IS NOT NULL OR {REFUSED} AS refused,
  {IN_DOUBT} AS in_doubt,
  asked.consent IS NOT NULL AND NOT EXISTS (
    SELECT FROM consent WHERE consent.person_id = owner.id AND consent.purpose = asked.consent
    AND consent.withdrawn_at IS NULL) AS lacking,
  message.about_index IS NOT NULL AND EXISTS (
    SELECT FROM outgoing AS newer WHERE newer.about_index = message.about_index
    AND newer.seq > message.seq) AS overtaken,
  CASE WHEN message.lane = 'bulk' THEN (
    SELECT CASE
      WHEN campaign.state = 'stopped' OR place.areas && campaign.stopped_areas THEN 'withdrawn'
      WHEN campaign.state = 'paused' OR place.areas && campaign.paused_areas THEN 'held' END
    FROM campaign_row JOIN campaign ON campaign.id = campaign_row.campaign_id
    CROSS JOIN LATERAL (SELECT ARRAY['province:' || campaign_row.province,
      'ward:' || campaign_row.ward] AS areas) AS place
    WHERE campaign_row.outgoing_id = message.id) END AS campaign
FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:phones AS bytea[]),
  CAST(:consents AS text[]), CAST(:topics AS text[]))
  WITH ORDINALITY AS asked (id, claim, phone, consent, topic, place)
JOIN outgoing AS message ON message.id = asked.id
LEFT JOIN address ON address.network = message.network
  AND address.value_index = message.address_index
LEFT JOIN person AS owner ON owner.id = coalesce(address.person_id, message.person_id,
  (SELECT person.id FROM person WHERE person.phone_index = asked.phone))
""")

_TODAY = in_driver("""
SELECT reader_index, outgoing_id FROM attempt
WHERE reader_index = ANY(CAST(:readers AS bytea[])) AND began_at >= :since
AND outcome IN ('open', 'sent', 'unknown')
""")

_FORGET_DOUBT = in_driver("""
UPDATE attempt SET outcome = 'unknown', ended_at = :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS asked (id, claim)
WHERE outgoing_id = asked.id AND attempt.claim < asked.claim AND outcome = 'open'
""")

_BEGIN = in_driver("""
INSERT INTO attempt (outgoing_id, claim, number, provider, network, segments, cost, reader_index,
  outcome, began_at, words)
SELECT asked.*, 'open', :now, '' FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]),
  CAST(:numbers AS int[]), CAST(:providers AS text[]), CAST(:networks AS text[]),
  CAST(:segments AS int[]), CAST(:costs AS numeric[]), CAST(:readers AS bytea[])) AS asked
ON CONFLICT DO NOTHING
""")

# This keeps receipts of the same messages waiting meanwhile.
_LOCK = in_driver("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:locks AS bigint[])) AS key")

_TAKEN = in_driver("""
UPDATE attempt SET outcome = 'sent', ended_at = :now,
  segments = coalesce(asked.segments, attempt.segments), cost = coalesce(asked.cost, attempt.cost)
FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:providers AS text[]),
  CAST(:segments AS int[]), CAST(:costs AS numeric[])) AS asked (id, claim, provider, segments, cost)
WHERE outgoing_id = asked.id AND attempt.claim = asked.claim AND attempt.provider = asked.provider
AND outcome IN ('open', 'unknown')
""")

# Also when the lease was lost: the provider has it, and nobody should send it again.
_SENT = in_driver("""
UPDATE outgoing SET provider = asked.provider, provider_ref = asked.ref, lease_until = NULL,
  segments = asked.segments,
  cost = (SELECT sum(cost) FROM attempt WHERE outgoing_id = outgoing.id AND outcome = 'sent'),
  status = CASE WHEN status = ANY(:before) THEN 'sent' ELSE status END
FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]), CAST(:refs AS text[]),
  CAST(:segments AS int[])) AS asked (id, provider, ref, segments)
WHERE outgoing.id = asked.id
""")

_EARLY = in_driver("""
SELECT EXISTS (SELECT FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]),
  CAST(:refs AS text[])) AS asked (id, provider, ref)
JOIN receipt ON receipt.provider = asked.provider AND receipt.provider_ref = asked.ref
WHERE receipt.outgoing_id IS NULL OR receipt.outgoing_id = asked.id)
""")

_BEFORE_SENT = [str(one) for one in before(Status.SENT)]


@dataclass(frozen=True, slots=True)
class Sends:
    """Writes notes, many in one go; the same note again changes nothing."""

    vault: Vault
    clock: Clock
    silent: timedelta = SILENT
    """A number that was silent for so long may be somebody else's."""

    def write(self, connection: Connection, notes: Sequence[Note]) -> list[Verdict]:
        """A verdict for each note; what is done is always GO.

        All questions that can be put together go to the server in one trip: each trip is a wait
        for everybody whose messages are in the lot.
        """
        done = [one for one in notes if isinstance(one, Done)]
        begins = [(place, one) for place, one in enumerate(notes) if isinstance(one, Begin)]
        asked = [one for _place, one in begins]
        driver = driver_of(connection)
        with driver.pipeline():
            early = self._done(driver, done)
            gate = self._gate(driver, asked)
        if early is not None and early.fetchone() == (True,):
            settle_waiting(connection, _refs(done), self.clock())
        verdicts = [Verdict.GO] * len(notes)
        if gate is not None:
            begun = self._begin(connection, asked, gate.fetchall())
            for (place, _), verdict in zip(begins, begun, strict=True):
                verdicts[place] = verdict
        return verdicts

    def _begin(
        self, connection: Connection, asked: Sequence[Begin], rows: Sequence[Any]
    ) -> list[Verdict]:
        verdicts = [Verdict.LOST] * len(asked)
        readers: list[bytes | None] = [None] * len(asked)
        for row in rows:
            begin = asked[row.place]
            verdicts[row.place] = _verdict(begin, row)
            if begin.daily is not None:
                readers[row.place] = self._reader(begin.claimed.outgoing, row.person_id)
        driver = driver_of(connection)
        self._no_more_than_daily(driver, asked, verdicts, readers)
        going = [place for place, verdict in enumerate(verdicts) if verdict is Verdict.GO]
        self._write_begun(driver, [asked[place] for place in going], [readers[p] for p in going])
        return verdicts

    def _gate(self, driver: Driver, asked: Sequence[Begin]) -> psycopg.Cursor[Any] | None:
        if not asked:
            return None
        messages = [one.claimed.outgoing for one in asked]
        with_names = driver.cursor(row_factory=namedtuple_row)
        return with_names.execute(
            _GATE,
            {
                "ids": uuids([one.id for one in messages]),
                "claims": numbers([one.claimed.claim for one in asked]),
                "phones": blobs([self._phone(one) for one in messages]),
                "consents": [one.consent for one in asked],
                "heard_since": self.clock() - self.silent,
                "topics": [TOPIC_OF.get(one.purpose) for one in messages],
            },
        )

    def _phone(self, outgoing: Outgoing) -> bytes | None:
        where = outgoing.address
        if where.network != "phone" or outgoing.person_id is not None:
            return None
        return self.vault.blind("phone", where.value)

    def _reader(self, outgoing: Outgoing, person_id: uuid.UUID | None) -> bytes:
        where = outgoing.address
        return self.vault.blind(
            "attempt.reader",
            f"{where.network}:{where.value}" if person_id is None else f"{person_id}",
        )

    def _no_more_than_daily(
        self,
        driver: Driver,
        asked: Sequence[Begin],
        verdicts: list[Verdict],
        readers: Sequence[bytes | None],
    ) -> None:
        """Two workers must not count the same person's day at the same time."""
        counted = [
            (place, begin.daily, reader)
            for place, (begin, reader) in enumerate(zip(asked, readers, strict=True))
            if verdicts[place] is Verdict.GO and begin.daily is not None and reader is not None
        ]
        if not counted:
            return
        names = {reader for _, _, reader in counted}
        given = {
            "locks": numbers(lock_keys(names)),
            "readers": blobs(names),
            "since": min(daily.since for _, daily, _ in counted),
        }
        with driver.pipeline():
            driver.execute(_LOCK, given)
            found = driver.execute(_TODAY, given)
        today: dict[bytes, set[str]] = defaultdict(set)
        for reader, message in found.fetchall():
            today[bytes(reader)].add(str(message))
        for place, daily, reader in counted:
            mine = asked[place].claimed.outgoing.id
            if len(today[reader] - {mine}) >= daily.most:
                verdicts[place] = Verdict.ENOUGH
            else:
                today[reader].add(mine)

    def _write_begun(
        self, driver: Driver, begun: Sequence[Begin], readers: Sequence[bytes | None]
    ) -> None:
        if not begun:
            return
        now = self.clock()
        doubted = [one.claimed for one in begun if one.claimed.doubt is not None]
        with driver.pipeline():
            if doubted:
                driver.execute(
                    _FORGET_DOUBT,
                    {
                        "now": now,
                        "ids": uuids([one.outgoing.id for one in doubted]),
                        "claims": numbers([one.claim for one in doubted]),
                    },
                )
            driver.execute(
                _BEGIN,
                {
                    "now": now,
                    "ids": uuids([one.claimed.outgoing.id for one in begun]),
                    "claims": numbers([one.claimed.claim for one in begun]),
                    "numbers": numbers([one.number for one in begun]),
                    "providers": [one.provider for one in begun],
                    "networks": [one.claimed.outgoing.address.network for one in begun],
                    "segments": numbers([one.segments for one in begun]),
                    "costs": numbers([one.cost for one in begun]),
                    "readers": blobs(readers),
                },
            )

    def _done(self, driver: Driver, done: Sequence[Done]) -> psycopg.Cursor[Any] | None:
        """Whether some receipt was quicker, as the answer."""
        if not done:
            return None
        names = {
            self.vault.blind("receipt", f"{one.provider}:{one.sent.provider_ref}")
            for one in done
            if one.sent.provider_ref is not None
        }
        locks = numbers(lock_keys(names))
        given = {**_columns(done), "now": self.clock(), "before": _BEFORE_SENT, "locks": locks}
        for statement in (_LOCK, _TAKEN, _SENT):
            driver.execute(statement, given)
        return driver.execute(_EARLY, given)


def _verdict(begin: Begin, row: Any) -> Verdict:
    if not row.ours:
        return Verdict.LOST
    message = begin.claimed.outgoing
    if message.purpose not in ASKED_FOR and (row.refused or row.lacking):
        return Verdict.REFUSED
    if row.in_doubt and message.purpose in SENSITIVE and not message.key.startswith(RELINK):
        return Verdict.IN_DOUBT
    if row.overtaken:
        return Verdict.OVERTAKEN
    # What a campaign holds back is only its own: everything else has no such word.
    return Verdict.GO if row.campaign is None else Verdict(row.campaign)


def _columns(done: Sequence[Done]) -> Mapping[str, Any]:
    return {
        "ids": uuids([one.claimed.outgoing.id for one in done]),
        "claims": numbers([one.claimed.claim for one in done]),
        "providers": [one.provider for one in done],
        "refs": [one.sent.provider_ref for one in done],
        "segments": numbers([one.sent.segments for one in done]),
        "costs": numbers([one.cost for one in done]),
    }


def _refs(done: Sequence[Done]) -> Mapping[tuple[str, str], uuid.UUID]:
    """The message behind what a provider calls it."""
    return {
        (one.provider, one.sent.provider_ref): uuid.UUID(one.claimed.outgoing.id)
        for one in done
        if one.sent.provider_ref is not None
    }
