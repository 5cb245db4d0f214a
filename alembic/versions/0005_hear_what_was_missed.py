"""note texts that the webhook missed, count what only happens in passing, find texts by their sending time

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SENT = sa.text("sent_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tallies")),
    )
    with op.batch_alter_table("inbound_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("read_late_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_messages_sent_at", ["sent_at"], unique=False, sqlite_where=SENT, postgresql_where=SENT
        )


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_sent_at")
    # Not by copying the table, as batch mode would: its copy drops the original, which other tables refer to.
    with op.batch_alter_table("inbound_messages", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("read_late_at")
    op.drop_table("tallies")
