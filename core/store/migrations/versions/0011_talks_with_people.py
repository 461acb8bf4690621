"""Talks between a person and an operator, and what was said in them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "talk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("spoke_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "ending IN ('operator', 'person', 'time')", name=op.f("talk_ending_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("talk_pk")),
    )
    op.create_index(
        "talk_open",
        "talk",
        ["network", "address_index"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("talk_closed", "talk", ["closed_at"])
    op.create_table(
        "talk_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("talk_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("said_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "said_by IN ('person', 'operator')", name=op.f("talk_line_said_by_check")
        ),
        sa.ForeignKeyConstraint(
            ["talk_id"], ["talk.id"], name=op.f("talk_line_talk_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("talk_line_pk")),
        sa.UniqueConstraint("key", name=op.f("talk_line_key_key")),
    )
    op.create_index("talk_line_talk_id", "talk_line", ["talk_id", "id"])


def downgrade() -> None:
    op.drop_table("talk_line")
    op.drop_table("talk")
