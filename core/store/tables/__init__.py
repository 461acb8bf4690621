"""Every table, column by column. Nothing personal is in clear: it is sealed, or a blind index.

`sealed` and `blind` mark such columns. Any other column must be on the list of the test that reads
this page, with the reason why it tells nothing about anybody.
"""

from __future__ import annotations

from core.store.tables.campaigns import campaign, campaign_row, campaign_step
from core.store.tables.columns import metadata
from core.store.tables.counter import api_key, look_up, short_code, talk, talk_line, token_pair
from core.store.tables.messages import (
    attempt,
    inbox,
    outgoing,
    receipt,
    replay,
    request,
    subscriber,
)
from core.store.tables.persons import address, consent, person, proof, refusal, tries
from core.store.tables.platform import (
    check_in,
    check_in_reader,
    cursor,
    deferred,
    event,
    event_told,
    remembered,
)
from core.store.tables.running import heartbeat, jobs_schema

__all__ = [
    "address",
    "api_key",
    "attempt",
    "campaign",
    "campaign_row",
    "campaign_step",
    "check_in",
    "check_in_reader",
    "consent",
    "cursor",
    "deferred",
    "event",
    "event_told",
    "heartbeat",
    "inbox",
    "jobs_schema",
    "look_up",
    "metadata",
    "outgoing",
    "person",
    "proof",
    "receipt",
    "refusal",
    "remembered",
    "replay",
    "request",
    "short_code",
    "subscriber",
    "talk",
    "talk_line",
    "token_pair",
    "tries",
]
