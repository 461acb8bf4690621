"""Campaigns, their rows, and who did what with them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = "'draft', 'checked', 'approved', 'canary', 'running', 'paused', 'done', 'stopped'"
FATES = "'new', 'fed', 'out', 'bad', 'duplicate', 'refused', 'stopped'"


def upgrade() -> None:
    moment = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "campaign",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("key_index", sa.LargeBinary(), nullable=True),
        sa.Column("paused_areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("stopped_areas", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("canary_out_at", moment, nullable=True),
        sa.Column("canary_ended_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("campaign_state_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_pk")),
        sa.UniqueConstraint("key_index", name=op.f("campaign_key_index_key")),
    )
    op.create_index("campaign_created_at", "campaign", ["created_at"])
    op.create_index(
        "campaign_under_way",
        "campaign",
        ["started_at"],
        postgresql_where=sa.text("state IN ('canary', 'running', 'paused')"),
    )
    op.create_table(
        "campaign_row",
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("said_index", sa.LargeBinary(), nullable=True),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("ward", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("canary", sa.Boolean(), nullable=False),
        sa.Column("outgoing_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(f"state IN ({FATES})", name=op.f("campaign_row_state_check")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("campaign_row_campaign_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("campaign_id", "number", name=op.f("campaign_row_pk")),
        sa.UniqueConstraint("outgoing_id", name=op.f("campaign_row_outgoing_id_key")),
    )
    op.create_index(
        "campaign_row_new",
        "campaign_row",
        ["campaign_id", "number"],
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "campaign_row_fed",
        "campaign_row",
        ["campaign_id"],
        postgresql_where=sa.text("state = 'fed'"),
    )
    op.create_index(
        "campaign_row_canary",
        "campaign_row",
        ["campaign_id"],
        postgresql_where=sa.text("canary"),
    )
    op.create_table(
        "campaign_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("campaign_step_campaign_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_step_pk")),
    )
    op.create_index("campaign_step_campaign_id", "campaign_step", ["campaign_id", "id"])


def downgrade() -> None:
    op.drop_table("campaign_step")
    op.drop_table("campaign_row")
    op.drop_table("campaign")
