"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("api_key_pk")),
    )
    op.create_table(
        "deferred",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('new', 'done', 'failed')", name=op.f("deferred_state_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("deferred_pk")),
        sa.UniqueConstraint("key", name=op.f("deferred_key_key")),
    )
    op.create_index(
        "deferred_new",
        "deferred",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("heartbeat_pk")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("person_key", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("handled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('new', 'done', 'failed')", name=op.f("inbox_state_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("inbox_pk")),
        sa.UniqueConstraint("provider", "provider_id", name=op.f("inbox_provider_provider_id_key")),
    )
    op.create_index(
        "inbox_handled",
        "inbox",
        ["handled_at"],
        unique=False,
        postgresql_where=sa.text("body IS NOT NULL"),
    )
    op.create_index(
        "inbox_new", "inbox", ["id"], unique=False, postgresql_where=sa.text("state = 'new'")
    )
    op.create_index(
        "inbox_person",
        "inbox",
        ["person_key", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_table(
        "jobs_schema",
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("jobs_schema_pk")),
    )
    op.create_table(
        "look_up",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("look_up_pk")),
    )
    op.create_index("look_up_at", "look_up", ["at"], unique=False)
    op.create_index("look_up_subject_index", "look_up", ["subject_index"], unique=False)
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("not_before", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("useless_after", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "lane IN ('urgent', 'normal', 'bulk')", name=op.f("outgoing_lane_check")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'stopped')",
            name=op.f("outgoing_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_pk")),
        sa.UniqueConstraint("key", name=op.f("outgoing_key_key")),
    )
    op.create_index(
        "outgoing_in_order",
        "outgoing",
        ["address_index", "seq"],
        unique=False,
        postgresql_where=sa.text("lane = 'urgent' AND status IN ('queued', 'sending')"),
    )
    op.create_index("outgoing_provider_ref", "outgoing", ["provider_ref", "provider"], unique=False)
    op.create_index(
        "outgoing_queued",
        "outgoing",
        ["lane", "not_before", "seq"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "outgoing_sending",
        "outgoing",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("status = 'sending'"),
    )
    op.create_index(
        "outgoing_settled",
        "outgoing",
        ["settled_at"],
        unique=False,
        postgresql_where=sa.text("body IS NOT NULL"),
    )
    op.create_index(
        "outgoing_unsettled",
        "outgoing",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("status = 'sent' AND body IS NOT NULL"),
    )
    op.create_index(
        "outgoing_useless",
        "outgoing",
        ["useless_after"],
        unique=False,
        postgresql_where=sa.text("status = 'queued' AND useless_after IS NOT NULL"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("accents", sa.Boolean(), nullable=True),
        sa.Column("citizen", sa.LargeBinary(), nullable=True),
        sa.Column("linked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("refused_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("heard_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pk")),
        sa.UniqueConstraint("phone_index", name=op.f("person_phone_index_key")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("outgoing_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'stopped')",
            name=op.f("receipt_status_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("receipt_pk")),
        sa.UniqueConstraint(
            "provider",
            "provider_ref",
            "status",
            name=op.f("receipt_provider_provider_ref_status_key"),
        ),
    )
    op.create_index("receipt_outgoing_id", "receipt", ["outgoing_id"], unique=False)
    op.create_table(
        "short_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("qid_index", sa.LargeBinary(), nullable=False),
        sa.Column("qid", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("citizen", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("short_code_pk")),
        sa.UniqueConstraint("code_index", name=op.f("short_code_code_index_key")),
    )
    op.create_index("short_code_qid_index", "short_code", ["qid_index", "expires_at"], unique=False)
    op.create_table(
        "tries",
        sa.Column("subject_index", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("tried_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_index", "kind", name=op.f("tries_pk")),
    )
    op.create_table(
        "address",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("proven_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("heard_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("blocked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("address_person_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("network", "value_index", name=op.f("address_pk")),
    )
    op.create_index("address_person_id", "address", ["person_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("consent_person_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_pk")),
    )
    op.create_index("consent_person_id", "consent", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("consent")
    op.drop_table("address")
    op.drop_table("tries")
    op.drop_table("short_code")
    op.drop_table("receipt")
    op.drop_table("person")
    op.drop_table("outgoing")
    op.drop_table("look_up")
    op.drop_table("jobs_schema")
    op.drop_table("inbox")
    op.drop_table("heartbeat")
    op.drop_table("deferred")
    op.drop_table("api_key")
