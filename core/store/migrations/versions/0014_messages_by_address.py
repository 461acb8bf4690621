"""Messages are found by where they went."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "outgoing_address",
        "outgoing",
        ["address_index", "seq"],
        postgresql_where=sa.text(
            "status IN ('sent', 'delivered', 'failed', 'expired', 'stopped')"
        ),
    )


def downgrade() -> None:
    op.drop_index("outgoing_address", "outgoing")
