"""What people refuse, topic by topic, and numbers of which nobody knows whose they are by now."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "topic IN ('all', 'result', 'reminder', 'campaign')", name="refusal_topic_check"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="refusal_person_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="refusal_pk"),
    )
    op.create_index(
        "refusal_standing",
        "refusal",
        ["person_id", "topic"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.execute(
        "INSERT INTO refusal (person_id, topic, source, created_at) "
        "SELECT id, 'all', 'before', refused_at FROM person WHERE refused_at IS NOT NULL"
    )
    op.drop_column("person", "refused_at")
    op.add_column("address", sa.Column("doubted_at", sa.TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("address", "doubted_at")
    op.add_column("person", sa.Column("refused_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.execute(
        "UPDATE person SET refused_at = refusal.created_at FROM refusal "
        "WHERE refusal.person_id = person.id AND topic = 'all' AND lifted_at IS NULL"
    )
    op.drop_table("refusal")
