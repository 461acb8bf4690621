"""What programs asked for, whom we tell what became of it, and what was sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outgoing", sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("outgoing", sa.Column("told", sa.Text(), nullable=True))
    op.create_index(
        "outgoing_to_tell",
        "outgoing",
        ["owner", "seq"],
        postgresql_where=sa.text(
            "owner IS NOT NULL AND told IS DISTINCT FROM status "
            "AND status IN ('sent', 'delivered', 'failed', 'expired', 'stopped')"
        ),
    )
    op.create_table(
        "request",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key_index", sa.LargeBinary(), nullable=False),
        sa.Column("said_index", sa.LargeBinary(), nullable=False),
        sa.Column("ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("fresh", sa.ARRAY(sa.Boolean()), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key_index", name=op.f("request_pk")),
    )
    op.create_index("request_at", "request", ["at"])
    op.create_table(
        "subscriber",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("try_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("subscriber_pk")),
    )
    op.create_table(
        "replay",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("outgoing_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("replay_pk")),
    )
    op.create_index("replay_outgoing_id", "replay", ["outgoing_id"])


def downgrade() -> None:
    op.drop_table("replay")
    op.drop_table("subscriber")
    op.drop_table("request")
    op.drop_index("outgoing_to_tell", table_name="outgoing")
    op.drop_column("outgoing", "told")
    op.drop_column("outgoing", "test")
