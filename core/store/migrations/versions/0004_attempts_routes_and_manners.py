"""What came of each try to send, messages that nobody can settle, and who and what they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BEFORE = "'queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'stopped'"
NOW = "'queued', 'sending', 'unsettled', 'sent', 'delivered', 'failed', 'expired', 'stopped'"

# A queue is rewritten all the time: room on each page, and a vacuum long before a fifth is dead.
BUSY = (
    "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, "
    "autovacuum_vacuum_cost_delay = 0"
)
QUIET = (
    "fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, "
    "autovacuum_vacuum_cost_delay"
)


def _statuses(listed: str) -> None:
    for table in ("outgoing", "receipt"):
        op.drop_constraint(op.f(f"{table}_status_check"), table, type_="check")
        op.create_check_constraint(op.f(f"{table}_status_check"), table, f"status IN ({listed})")


def upgrade() -> None:
    _statuses(NOW)
    op.add_column("outgoing", sa.Column("about_index", sa.LargeBinary(), nullable=True))
    op.add_column("outgoing", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("outgoing", sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.execute("UPDATE outgoing SET due_at = not_before")
    op.alter_column("outgoing", "due_at", nullable=False)
    op.drop_index("outgoing_queued", table_name="outgoing")
    op.drop_index("outgoing_sending", table_name="outgoing")
    for name, columns, where in (
        ("outgoing_queued", ["network", "lane", "not_before", "seq"], "status = 'queued'"),
        ("outgoing_leased", ["lease_until"], "status IN ('sending', 'unsettled')"),
        ("outgoing_about", ["about_index", "seq"], "about_index IS NOT NULL"),
        ("outgoing_owner", ["owner", "seq"], "owner IS NOT NULL"),
        ("outgoing_failed", ["seq"], "status = 'failed'"),
    ):
        op.create_index(name, "outgoing", columns, unique=False, postgresql_where=sa.text(where))
    op.create_table(
        "attempt",
        sa.Column("outgoing_id", sa.Uuid(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("reader_index", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('open', 'sent', 'later', 'never', 'unknown')",
            name=op.f("attempt_outcome_check"),
        ),
        sa.PrimaryKeyConstraint("outgoing_id", "claim", "number", name=op.f("attempt_pk")),
    )
    op.create_index(
        "attempt_daily",
        "attempt",
        ["reader_index", "began_at"],
        unique=False,
        postgresql_where=sa.text("reader_index IS NOT NULL"),
    )
    op.execute(f"ALTER TABLE outgoing SET ({BUSY})")
    op.execute(f"ALTER TABLE attempt SET ({BUSY})")


def downgrade() -> None:
    op.drop_table("attempt")
    op.execute(f"ALTER TABLE outgoing RESET ({QUIET})")
    for name in ("failed", "owner", "about", "leased", "queued"):
        op.drop_index(f"outgoing_{name}", table_name="outgoing")
    op.create_index(
        "outgoing_sending",
        "outgoing",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("status = 'sending'"),
    )
    op.create_index(
        "outgoing_queued",
        "outgoing",
        ["lane", "not_before", "seq"],
        unique=False,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.drop_column("outgoing", "due_at")
    op.drop_column("outgoing", "owner")
    op.drop_column("outgoing", "about_index")
    # What nobody can settle has no place in the older tables; to them it has failed.
    op.execute("UPDATE outgoing SET status = 'failed' WHERE status = 'unsettled'")
    _statuses(BEFORE)
