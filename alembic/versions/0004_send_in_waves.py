"""send in waves: claims, launches, one resend after proof, one pace for all senders

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = ("claim", "launched_at", "withdrawn", "resent_at", "look_up_at", "times_missing")


def upgrade() -> None:
    op.create_table(
        "sending_paces",
        sa.Column("sender", sa.String(length=32), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("segments_in_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_sending_paces")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claim", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("resent_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("look_up_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("times_missing", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    # Not by copying the table, as batch mode would: its copy drops the original, which other tables refer to.
    with op.batch_alter_table("messages", schema=None, recreate="never") as batch_op:
        for name in reversed(NEW):
            batch_op.drop_column(name)
    op.drop_table("sending_paces")
