"""Codes that prove a phone number, and a pair of tokens that renews itself."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("proof_pk")),
    )
    op.create_index("proof_address_index", "proof", ["address_index", "sent_at"])
    op.create_index("proof_phone_index", "proof", ["phone_index", "sent_at"])
    op.create_table(
        "token_pair",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("access", sa.LargeBinary(), nullable=False),
        sa.Column("refresh", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("access_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("refresh_until", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("renewing_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("refused_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("token_pair_pk")),
    )


def downgrade() -> None:
    op.drop_table("token_pair")
    op.drop_table("proof")
