"""Receipts of messages that nobody knows are found by their age, to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "receipt_nobody_knows",
        "receipt",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("outgoing_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("receipt_nobody_knows", table_name="receipt")
