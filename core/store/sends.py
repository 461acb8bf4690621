"""What is written down around a send: that it begins, if it may, and that the provider took it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from core.clock import Clock
from core.outbox.numbers import RELINK, SENSITIVE, SILENT
from core.outbox.outgoing import ASKED_FOR, Outgoing, Status, before
from core.outbox.ports import Begin, Done, Note, Verdict
from core.outbox.topics import TOPIC_OF
from core.store.database import all_one_at_a_time
from core.store.numbers import IN_DOUBT
from core.store.settling import settle_waiting
from core.store.vault import Vault
from core.store.wishes import REFUSED

# The owner of an address is whoever holds it now: people are merged when they prove a number.
_GATE = text(f"""
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

_TODAY = text("""
SELECT reader_index, outgoing_id FROM attempt
WHERE reader_index = ANY(CAST(:readers AS bytea[])) AND began_at >= :since
AND outcome IN ('open', 'sent', 'unknown')
""")

_FORGET_DOUBT = text("""
UPDATE attempt SET outcome = 'unknown', ended_at = :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS asked (id, claim)
WHERE outgoing_id = asked.id AND attempt.claim < asked.claim AND outcome = 'open'
""")

_BEGIN = text("""
INSERT INTO attempt (outgoing_id, claim, number, provider, network, segments, cost, reader_index,
  outcome, began_at, words)
SELECT asked.*, 'open', :now, '' FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]),
  CAST(:numbers AS int[]), CAST(:providers AS text[]), CAST(:networks AS text[]),
  CAST(:segments AS int[]), CAST(:costs AS numeric[]), CAST(:readers AS bytea[])) AS asked
ON CONFLICT DO NOTHING
""")

_TAKEN = text("""
UPDATE attempt SET outcome = 'sent', ended_at = :now,
  segments = coalesce(asked.segments, attempt.segments), cost = coalesce(asked.cost, attempt.cost)
FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:providers AS text[]),
  CAST(:segments AS int[]), CAST(:costs AS numeric[])) AS asked (id, claim, provider, segments, cost)
WHERE outgoing_id = asked.id AND attempt.claim = asked.claim AND attempt.provider = asked.provider
AND outcome IN ('open', 'unknown')
""")

# Also when the lease was lost: the provider has it, and nobody should send it again.
_SENT = text("""
UPDATE outgoing SET provider = asked.provider, provider_ref = asked.ref, lease_until = NULL,
  segments = asked.segments,
  cost = (SELECT sum(cost) FROM attempt WHERE outgoing_id = outgoing.id AND outcome = 'sent'),
  status = CASE WHEN status = ANY(:before) THEN 'sent' ELSE status END
FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[]), CAST(:refs AS text[]),
  CAST(:segments AS int[])) AS asked (id, provider, ref, segments)
WHERE outgoing.id = asked.id
""")


@dataclass(frozen=True, slots=True)
class Sends:
    """Writes notes, many in one go; the same note again changes nothing."""

    vault: Vault
    clock: Clock
    silent: timedelta = SILENT
    """A number that was silent for so long may be somebody else's."""

    def write(self, connection: Connection, notes: Sequence[Note]) -> list[Verdict]:
        """A verdict for each note; what is done is always GO."""
        verdicts = [Verdict.GO] * len(notes)
        self._done(connection, [one for one in notes if isinstance(one, Done)])
        begins = [(place, one) for place, one in enumerate(notes) if isinstance(one, Begin)]
        if begins:
            asked = [one for _place, one in begins]
            for (place, _), verdict in zip(begins, self._begin(connection, asked), strict=True):
                verdicts[place] = verdict
        return verdicts

    def _begin(self, connection: Connection, asked: Sequence[Begin]) -> list[Verdict]:
        verdicts = [Verdict.LOST] * len(asked)
        readers: list[bytes | None] = [None] * len(asked)
        for row in self._gate(connection, asked):
            begin = asked[row.place]
            verdicts[row.place] = _verdict(begin, row)
            if begin.daily is not None:
                readers[row.place] = self._reader(begin.claimed.outgoing, row.person_id)
        self._no_more_than_daily(connection, asked, verdicts, readers)
        going = [place for place, verdict in enumerate(verdicts) if verdict is Verdict.GO]
        self._write_begun(
            connection, [asked[place] for place in going], [readers[p] for p in going]
        )
        return verdicts

    def _gate(self, connection: Connection, asked: Sequence[Begin]) -> Sequence[Row[Any]]:
        messages = [one.claimed.outgoing for one in asked]
        return connection.execute(
            _GATE,
            {
                "ids": [uuid.UUID(one.id) for one in messages],
                "claims": [one.claimed.claim for one in asked],
                "phones": [self._phone(one) for one in messages],
                "consents": [one.consent for one in asked],
                "heard_since": self.clock() - self.silent,
                "topics": [TOPIC_OF.get(one.purpose) for one in messages],
            },
        ).all()

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
        connection: Connection,
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
        all_one_at_a_time(connection, {reader for _, _, reader in counted})
        since = min(daily.since for _, daily, _ in counted)
        found = connection.execute(
            _TODAY, {"readers": [reader for _, _, reader in counted], "since": since}
        )
        today: dict[bytes, set[uuid.UUID]] = defaultdict(set)
        for row in found:
            today[bytes(row.reader_index)].add(row.outgoing_id)
        for place, daily, reader in counted:
            others = today[reader] - {uuid.UUID(asked[place].claimed.outgoing.id)}
            if len(others) >= daily.most:
                verdicts[place] = Verdict.ENOUGH
            else:
                today[reader].add(uuid.UUID(asked[place].claimed.outgoing.id))

    def _write_begun(
        self, connection: Connection, begun: Sequence[Begin], readers: Sequence[bytes | None]
    ) -> None:
        if not begun:
            return
        now = self.clock()
        doubted = [one.claimed for one in begun if one.claimed.doubt is not None]
        if doubted:
            connection.execute(
                _FORGET_DOUBT,
                {
                    "now": now,
                    "ids": [uuid.UUID(one.outgoing.id) for one in doubted],
                    "claims": [one.claim for one in doubted],
                },
            )
        connection.execute(
            _BEGIN,
            {
                "now": now,
                "ids": [uuid.UUID(one.claimed.outgoing.id) for one in begun],
                "claims": [one.claimed.claim for one in begun],
                "numbers": [one.number for one in begun],
                "providers": [one.provider for one in begun],
                "networks": [one.claimed.outgoing.address.network for one in begun],
                "segments": [one.segments for one in begun],
                "costs": [one.cost for one in begun],
                "readers": list(readers),
            },
        )

    def _done(self, connection: Connection, done: Sequence[Done]) -> None:
        if not done:
            return
        refs = {
            (one.provider, one.sent.provider_ref): uuid.UUID(one.claimed.outgoing.id)
            for one in done
            if one.sent.provider_ref is not None
        }
        locks = {self.vault.blind("receipt", f"{provider}:{ref}") for provider, ref in refs}
        all_one_at_a_time(connection, locks)
        given = _columns(done)
        now = self.clock()
        connection.execute(_TAKEN, {**given, "now": now})
        connection.execute(_SENT, {**given, "before": [str(one) for one in before(Status.SENT)]})
        if refs:
            settle_waiting(connection, refs, now)


def _verdict(begin: Begin, row: Row[Any]) -> Verdict:
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


def _columns(done: Sequence[Done]) -> Mapping[str, list[Any]]:
    return {
        "ids": [uuid.UUID(one.claimed.outgoing.id) for one in done],
        "claims": [one.claimed.claim for one in done],
        "providers": [one.provider for one in done],
        "refs": [one.sent.provider_ref for one in done],
        "segments": [one.sent.segments for one in done],
        "costs": [one.cost for one in done],
    }
