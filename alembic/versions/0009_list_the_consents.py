"""list the consent events by state and by means

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0009
Revises: 0008
"""

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


def downgrade() -> None:
    for name, _ in reversed(INDEXES):
        op.drop_index(name, table_name="consent_events")
