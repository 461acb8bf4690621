"""Check-ins of people in isolation; who wants no result in a text."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("discreet", sa.Boolean(), nullable=True))
    op.create_table(
        "check_in",
        sa.Column("episode_index", sa.LargeBinary(), nullable=False),
        sa.Column("citizen_index", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("feeling", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("waiting_since", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("episode_index", name=op.f("check_in_pk")),
    )
    op.create_index("check_in_citizen_index", "check_in", ["citizen_index"])
    op.create_index("check_in_asked_at", "check_in", ["asked_at"])
    op.create_table(
        "check_in_reader",
        sa.Column("episode_index", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_index"],
            ["check_in.episode_index"],
            name=op.f("check_in_reader_episode_index_fk"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("check_in_reader_person_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("episode_index", "person_id", name=op.f("check_in_reader_pk")),
    )
    op.create_index("check_in_reader_person_id", "check_in_reader", ["person_id"])


def downgrade() -> None:
    op.drop_table("check_in_reader")
    op.drop_table("check_in")
    op.drop_column("person", "discreet")
