"""let coordinators mark how a text should have been read

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = {
    "marked_label": sa.String(length=40),
    "marked_by": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "marked_at": sa.DateTime(timezone=True),
}


def upgrade() -> None:
    with op.batch_alter_table("inbound_messages", schema=None) as batch_op:
        for name, kind in COLUMNS.items():
            batch_op.add_column(sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    # Not by copying the table, as batch mode would: its copy drops the original, which other tables refer to.
    with op.batch_alter_table("inbound_messages", schema=None, recreate="never") as batch_op:
        for name in reversed(COLUMNS):
            batch_op.drop_column(name)
