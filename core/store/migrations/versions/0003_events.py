"""Events from the platforms, who was told of them, and how far we have asked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_index", sa.LargeBinary(), nullable=False),
        sa.Column("thing", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("handled", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("try_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("said_index", sa.LargeBinary(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "thing_index", name=op.f("event_pk")),
    )
    op.create_index(
        "event_waiting",
        "event",
        ["try_at"],
        unique=False,
        postgresql_where=sa.text("handled < turn"),
    )
    op.create_table(
        "cursor",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("began_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("since", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("cursor_pk")),
    )
    op.create_table(
        "event_told",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_index", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("event_told_person_id_fk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "thing_index", "person_id", name=op.f("event_told_pk")),
    )
    op.create_index("event_told_person_id", "event_told", ["person_id"], unique=False)
    op.add_column("person", sa.Column("citizen_index", sa.LargeBinary(), nullable=True))
    op.create_index("person_citizen_index", "person", ["citizen_index"], unique=False)


def downgrade() -> None:
    op.drop_index("person_citizen_index", table_name="person")
    op.drop_column("person", "citizen_index")
    op.drop_table("event_told")
    op.drop_table("cursor")
    op.drop_table("event")
