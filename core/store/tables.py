"""Every table, column by column. Nothing personal is in clear: it is sealed, or a blind index.

`sealed` and `blind` mark such columns. Any other column must be on the list of the test that reads
this page, with the reason why it tells nothing about anybody.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from core.campaigns.campaign import Fate, State
from core.outbox.outgoing import Lane, Outcome, Status
from core.people.wishes import Topic

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    """A value that only the vault can open."""
    return Column(name, LargeBinary, nullable=nullable, info={"hidden": "sealed"})


def blind(name: str, *, nullable: bool = False, key: bool = False) -> Column[bytes]:
    """A value that finds something again and tells nothing about it."""
    return Column(name, LargeBinary, nullable=nullable, primary_key=key, info={"hidden": "blind"})


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, TIMESTAMP(timezone=True), nullable=nullable)


def _number(*, key: bool = True) -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=key)


def _one_of(name: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("phone_index", LargeBinary, unique=True, nullable=True, info={"hidden": "blind"}),
    sealed("phone", nullable=True),
    Column("language", Text, nullable=False),
    Column("accents", Boolean, nullable=True),
    Column("discreet", Boolean, nullable=True),
    sealed("citizen", nullable=True),
    blind("citizen_index", nullable=True),
    _moment("linked_at", nullable=True),
    _moment("created_at"),
    _moment("heard_at"),
    Index("person_citizen_index", "citizen_index"),
)

address = Table(
    "address",
    metadata,
    Column("network", Text, primary_key=True),
    blind("value_index", key=True),
    sealed("value"),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    _moment("proven_at", nullable=True),
    _moment("heard_at"),
    _moment("blocked_at", nullable=True),
    _moment("doubted_at", nullable=True),
    Index("address_person_id", "person_id"),
)

consent = Table(
    "consent",
    metadata,
    _number(),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    _moment("given_at"),
    _moment("withdrawn_at", nullable=True),
    Index("consent_person_id", "person_id"),
)

refusal = Table(
    "refusal",
    metadata,
    _number(),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("topic", Text, nullable=False),
    Column("source", Text, nullable=False),
    _moment("created_at"),
    _moment("lifted_at", nullable=True),
    _one_of("topic", tuple(Topic)),
    Index(
        *("refusal_standing", "person_id", "topic"),
        unique=True,
        postgresql_where=text("lifted_at IS NULL"),
    ),
)
"""What somebody does not want to be sent, until it is lifted (`wishes.py`)."""

tries = Table(
    "tries",
    metadata,
    blind("subject_index", key=True),
    Column("kind", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    _moment("locked_until", nullable=True),
    _moment("tried_at"),
)

inbox = Table(
    "inbox",
    metadata,
    _number(),
    Column("provider", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    sealed("body", nullable=True),
    blind("person_key"),
    _moment("received_at"),
    Column("state", Text, nullable=False),
    _moment("lease_until", nullable=True),
    Column("attempts", Integer, nullable=False),
    sealed("reply", nullable=True),
    _moment("handled_at", nullable=True),
    UniqueConstraint("provider", "provider_id"),
    _one_of("state", ("new", "done", "failed")),
    Index("inbox_new", "id", postgresql_where=text("state = 'new'")),
    Index("inbox_person", "person_key", "id", postgresql_where=text("state = 'new'")),
    Index("inbox_handled", "handled_at", postgresql_where=text("body IS NOT NULL")),
)

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("key", Text, unique=True, nullable=False),
    Column("person_id", Uuid, nullable=True),
    Column("network", Text, nullable=False),
    Column("channel", Text, nullable=False),
    sealed("address", nullable=True),
    blind("address_index"),
    sealed("body", nullable=True),
    Column("purpose", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("provider", Text, nullable=True),
    Column("provider_ref", Text, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    _moment("lease_until", nullable=True),
    _moment("not_before"),
    _moment("due_at"),
    _moment("useless_after", nullable=True),
    _moment("created_at"),
    _moment("settled_at", nullable=True),
    Column("words", Text, nullable=False),
    Column("cost", Numeric(12, 4), nullable=True),
    Column("segments", Integer, nullable=True),
    blind("about_index", nullable=True),
    Column("owner", Text, nullable=True),
    Column("test", Boolean, nullable=False, server_default=text("false")),
    Column("told", Text, nullable=True),
    _one_of("lane", tuple(Lane)),
    _one_of("status", tuple(Status)),
    # The network stands first: while one of them is out of order, the others need not be searched
    # for behind everything that waits for it.
    Index(
        *("outgoing_queued", "network", "lane", "not_before", "seq"),
        postgresql_where=text("status = 'queued'"),
    ),
    Index(
        "outgoing_leased",
        "lease_until",
        postgresql_where=text("status IN ('sending', 'unsettled')"),
    ),
    Index(
        *("outgoing_about", "about_index", "seq"), postgresql_where=text("about_index IS NOT NULL")
    ),
    Index(*("outgoing_owner", "owner", "seq"), postgresql_where=text("owner IS NOT NULL")),
    Index(
        *("outgoing_to_tell", "owner", "seq"),
        postgresql_where=text(
            "owner IS NOT NULL AND told IS DISTINCT FROM status "
            "AND status IN ('sent', 'delivered', 'failed', 'expired', 'stopped')"
        ),
    ),
    Index(*("outgoing_failed", "seq"), postgresql_where=text("status = 'failed'")),
    Index(
        "outgoing_in_order",
        "address_index",
        "seq",
        postgresql_where=text("lane = 'urgent' AND status IN ('queued', 'sending')"),
    ),
    Index("outgoing_provider_ref", "provider_ref", "provider"),
    Index(
        "outgoing_useless",
        "useless_after",
        postgresql_where=text("status = 'queued' AND useless_after IS NOT NULL"),
    ),
    Index(
        "outgoing_unsettled",
        "not_before",
        postgresql_where=text("status = 'sent' AND body IS NOT NULL"),
    ),
    Index("outgoing_settled", "settled_at", postgresql_where=text("body IS NOT NULL")),
)

attempt = Table(
    "attempt",
    metadata,
    Column("outgoing_id", Uuid, primary_key=True),
    Column("claim", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    _moment("began_at"),
    _moment("ended_at", nullable=True),
    Column("words", Text, nullable=False),
    Column("segments", Integer, nullable=True),
    Column("cost", Numeric(12, 4), nullable=True),
    blind("reader_index", nullable=True),
    _one_of("outcome", tuple(Outcome)),
    Index(
        *("attempt_daily", "reader_index", "began_at"),
        postgresql_where=text("reader_index IS NOT NULL"),
    ),
)
"""A message given to a provider, once: written before it is given, and again when it answered.

`reader_index` is set where only so many messages a day go to one person: it finds them.
"""

receipt = Table(
    "receipt",
    metadata,
    _number(),
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, nullable=False),
    Column("outgoing_id", Uuid, nullable=True),
    Column("status", Text, nullable=False),
    Column("words", Text, nullable=False),
    _moment("at", nullable=True),
    _moment("received_at"),
    UniqueConstraint("provider", "provider_ref", "status"),
    _one_of("status", tuple(Status)),
    Index("receipt_outgoing_id", "outgoing_id"),
    Index("receipt_nobody_knows", "received_at", postgresql_where=text("outgoing_id IS NULL")),
)

request = Table(
    "request",
    metadata,
    Column("owner", Text, primary_key=True),
    blind("key_index", key=True),
    blind("said_index"),
    Column("ids", ARRAY(Uuid), nullable=False),
    Column("fresh", ARRAY(Boolean), nullable=False),
    _moment("at"),
    Index("request_at", "at"),
)
"""What a program asked us to send, so that the same request again gets the same answer."""

subscriber = Table(
    "subscriber",
    metadata,
    Column("owner", Text, primary_key=True),
    sealed("url"),
    sealed("secret"),
    _moment("since"),
    Column("failures", Integer, nullable=False),
    _moment("try_at"),
)
"""Who is told what became of the messages of an API key; `told` in `outgoing` is the last word."""

replay = Table(
    "replay",
    metadata,
    _number(),
    Column("outgoing_id", Uuid, nullable=False),
    _moment("at"),
    Column("by", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index("replay_outgoing_id", "outgoing_id"),
)
"""A message that had failed was sent again; `words` is why it had failed."""

short_code = Table(
    "short_code",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code_index", LargeBinary, unique=True, nullable=False, info={"hidden": "blind"}),
    sealed("code"),
    blind("qid_index"),
    sealed("qid"),
    sealed("payload"),
    sealed("citizen"),
    _moment("issued_at"),
    _moment("expires_at"),
    _moment("revoked_at", nullable=True),
    Index("short_code_qid_index", "qid_index", "expires_at"),
)

look_up = Table(
    "look_up",
    metadata,
    _number(),
    _moment("at"),
    Column("key_id", Text, nullable=False),
    Column("place", Text, nullable=True),
    Column("kind", Text, nullable=False),
    blind("subject_index", nullable=True),
    Column("outcome", Text, nullable=False),
    Index("look_up_at", "at"),
    Index("look_up_subject_index", "subject_index"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("test", Boolean, nullable=False),
    _moment("created_at"),
    _moment("revoked_at", nullable=True),
)

deferred = Table(
    "deferred",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("key", Text, unique=True, nullable=False),
    Column("platform", Text, nullable=False),
    blind("person_key", nullable=True),
    sealed("body", nullable=True),
    Column("state", Text, nullable=False),
    _moment("lease_until", nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    _moment("created_at"),
    _moment("done_at", nullable=True),
    _one_of("state", ("new", "done", "failed")),
    Index("deferred_new", "platform", "lease_until", postgresql_where=text("state = 'new'")),
    Index("deferred_person", "person_key", "seq", postgresql_where=text("state = 'new'")),
)

remembered = Table(
    "remembered",
    metadata,
    blind("subject_index", key=True),
    sealed("value"),
    blind("value_index"),
    _moment("as_of"),
    Index("remembered_as_of", "as_of"),
)

event = Table(
    "event",
    metadata,
    Column("kind", Text, primary_key=True),
    blind("thing_index", key=True),
    sealed("thing", nullable=True),
    Column("version", Text, nullable=True),
    _moment("at", nullable=True),
    Column("turn", Integer, nullable=False),
    Column("handled", Integer, nullable=False),
    Column("claims", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    _moment("lease_until", nullable=True),
    _moment("try_at"),
    blind("said_index", nullable=True),
    Column("times", Integer, nullable=False),
    _moment("seen_at"),
    Index("event_waiting", "try_at", postgresql_where=text("handled < turn")),
)

event_told = Table(
    "event_told",
    metadata,
    Column("kind", Text, primary_key=True),
    blind("thing_index", key=True),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("network", Text, nullable=False),
    _moment("at"),
    Index("event_told_person_id", "person_id"),
)

check_in = Table(
    "check_in",
    metadata,
    blind("episode_index", key=True),
    blind("citizen_index"),
    sealed("about"),
    sealed("feeling", nullable=True),
    _moment("asked_at"),
    _moment("waiting_since", nullable=True),
    _moment("ended_at", nullable=True),
    Index("check_in_citizen_index", "citizen_index"),
    Index("check_in_asked_at", "asked_at"),
)

check_in_reader = Table(
    "check_in_reader",
    metadata,
    Column(
        "episode_index",
        LargeBinary,
        ForeignKey("check_in.episode_index", ondelete="CASCADE"),
        primary_key=True,
        info={"hidden": "blind"},
    ),
    Column("person_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Index("check_in_reader_person_id", "person_id"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("kind", Text, primary_key=True),
    _moment("began_at"),
    _moment("since"),
    _moment("asked_at"),
)

proof = Table(
    "proof",
    metadata,
    Column("id", Uuid, primary_key=True),
    blind("address_index"),
    blind("phone_index"),
    blind("code_index"),
    _moment("sent_at"),
    _moment("expires_at"),
    Column("wrong", Integer, nullable=False),
    _moment("ended_at", nullable=True),
    Index("proof_address_index", "address_index", "sent_at"),
    Index("proof_phone_index", "phone_index", "sent_at"),
)

token_pair = Table(
    "token_pair",
    metadata,
    Column("name", Text, primary_key=True),
    sealed("access"),
    sealed("refresh"),
    Column("version", Integer, nullable=False),
    _moment("made_at"),
    _moment("access_until"),
    _moment("refresh_until"),
    _moment("renewing_until", nullable=True),
    _moment("refused_at", nullable=True),
)

talk = Table(
    "talk",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("network", Text, nullable=False),
    blind("address_index"),
    sealed("address"),
    Column("language", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    _moment("opened_at"),
    _moment("spoke_at"),
    _moment("waiting_since", nullable=True),
    _moment("closed_at", nullable=True),
    Column("ending", Text, nullable=True),
    _one_of("ending", ("operator", "person", "time")),
    Index(
        *("talk_open", "network", "address_index"),
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("talk_closed", "closed_at"),
)

talk_line = Table(
    "talk_line",
    metadata,
    _number(),
    Column("talk_id", Uuid, ForeignKey("talk.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, unique=True, nullable=False),
    Column("said_by", Text, nullable=False),
    sealed("said"),
    Column("key_id", Text, nullable=True),
    _moment("said_at"),
    _one_of("said_by", ("person", "operator")),
    Index("talk_line_talk_id", "talk_id", "id"),
)

campaign = Table(
    "campaign",
    metadata,
    Column("id", Text, primary_key=True),
    sealed("body"),
    Column("state", Text, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("key_index", LargeBinary, unique=True, nullable=True, info={"hidden": "blind"}),
    Column("paused_areas", ARRAY(Text), nullable=False),
    Column("stopped_areas", ARRAY(Text), nullable=False),
    Column("why", Text, nullable=False),
    _moment("created_at"),
    _moment("started_at", nullable=True),
    _moment("canary_out_at", nullable=True),
    _moment("canary_ended_at", nullable=True),
    _moment("ended_at", nullable=True),
    _one_of("state", tuple(State)),
    Index("campaign_created_at", "created_at"),
    Index(
        "campaign_under_way",
        "started_at",
        postgresql_where=text("state IN ('canary', 'running', 'paused')"),
    ),
)

campaign_row = Table(
    "campaign_row",
    metadata,
    Column("campaign_id", Text, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    sealed("body", nullable=True),
    blind("phone_index", nullable=True),
    blind("said_index", nullable=True),
    Column("province", Text, nullable=True),
    Column("ward", Text, nullable=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("canary", Boolean, nullable=False),
    Column("outgoing_id", Uuid, unique=True, nullable=True),
    _one_of("state", tuple(Fate)),
    Index(*("campaign_row_new", "campaign_id", "number"), postgresql_where=text("state = 'new'")),
    Index("campaign_row_fed", "campaign_id", postgresql_where=text("state = 'fed'")),
    Index("campaign_row_canary", "campaign_id", postgresql_where=text("canary")),
)

campaign_step = Table(
    "campaign_step",
    metadata,
    _number(),
    Column("campaign_id", Text, ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False),
    _moment("at"),
    Column("what", Text, nullable=False),
    sealed("who"),
    Index("campaign_step_campaign_id", "campaign_id", "id"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("worker", Text, primary_key=True),
    _moment("at"),
)

jobs_schema = Table(
    "jobs_schema",
    metadata,
    Column("name", Text, primary_key=True),
)
"""Which of procrastinate's own schema files have been applied (`migrate.py`)."""
