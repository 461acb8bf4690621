"""What a platform said is remembered; kept calls go to their platform in order."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remembered",
        sa.Column("subject_index", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("as_of", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_index", name=op.f("remembered_pk")),
    )
    op.create_index("remembered_as_of", "remembered", ["as_of"], unique=False)
    op.add_column(
        "deferred",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
    )
    op.add_column(
        "deferred", sa.Column("platform", sa.Text(), nullable=False, server_default="fhir")
    )
    op.alter_column("deferred", "platform", server_default=None)
    op.add_column("deferred", sa.Column("person_key", sa.LargeBinary(), nullable=True))
    op.add_column("deferred", sa.Column("claims", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("deferred", "claims", server_default=None)
    op.drop_index("deferred_new", table_name="deferred")
    op.create_index(
        "deferred_new",
        "deferred",
        ["platform", "lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "deferred_person",
        "deferred",
        ["person_key", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    # A kept call no longer needs a job: its row is the queue.
    if sa.inspect(op.get_bind()).has_table("procrastinate_jobs"):
        op.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'finish_deferred'")


def downgrade() -> None:
    op.drop_index("deferred_person", table_name="deferred")
    op.drop_index("deferred_new", table_name="deferred")
    op.create_index(
        "deferred_new",
        "deferred",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state = 'new'"),
    )
    op.drop_column("deferred", "claims")
    op.drop_column("deferred", "person_key")
    op.drop_column("deferred", "platform")
    op.drop_column("deferred", "seq")
    op.drop_table("remembered")
