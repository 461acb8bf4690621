"""A message that waits has no provider's reference and no end: two indexes are spared it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def _again(name: str, columns: Sequence[str], where: str | None) -> None:
    op.drop_index(name, "outgoing")
    which = None if where is None else sa.text(where)
    op.create_index(name, "outgoing", columns, postgresql_where=which)


def upgrade() -> None:
    _again("outgoing_provider_ref", ["provider_ref", "provider"], "provider_ref IS NOT NULL")
    _again("outgoing_settled", ["settled_at"], "settled_at IS NOT NULL AND body IS NOT NULL")


def downgrade() -> None:
    _again("outgoing_provider_ref", ["provider_ref", "provider"], None)
    _again("outgoing_settled", ["settled_at"], "body IS NOT NULL")
