"""list the consent events by state and by means, and count who asks to join

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_consent_events_status_at_id", ["status", "at", "id"]),
    ("ix_consent_events_source_at_id", ["source", "at", "id"]),
)


def upgrade() -> None:
    for name, columns in INDEXES:
        op.create_index(name, "consent_events", columns)
    op.create_table(
        "ask_counts",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_ask_counts")),
    )
    op.create_index(op.f("ix_ask_counts_window_started_at"), "ask_counts", ["window_started_at"])


def downgrade() -> None:
    op.drop_table("ask_counts")
    for name, _ in reversed(INDEXES):
        op.drop_index(name, table_name="consent_events")
