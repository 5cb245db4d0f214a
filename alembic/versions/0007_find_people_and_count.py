"""find people by name, and what the reports and the lists look for

Only adds: the release that is still running neither reads nor minds what is new. People that it enters
meanwhile have no `indexed_as`, by which the jobs find them and index them later; so have all from before.

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WITHOUT_TOKENS = sa.text("indexed_as IS NULL")
BY_HAND = sa.text("kind = 'manual'")
TROUBLED = sa.text("status IN ('failed', 'undelivered', 'unknown')")
TAKEN = sa.text("acknowledged_at IS NOT NULL")
ABOUT_A_TEXT = sa.text("inbound_id IS NOT NULL")

INDEXES = (
    ("ix_participants_consent_id", "participants", ["consent", "id"], None),
    ("ix_participants_language_id", "participants", ["language", "id"], None),
    ("ix_participants_without_tokens", "participants", ["id"], WITHOUT_TOKENS),
    ("ix_consent_events_at", "consent_events", ["at"], None),
    ("ix_prompts_event_at", "prompts", ["event_at"], None),
    ("ix_messages_by_hand", "messages", ["participant_id", "created_at"], BY_HAND),
    ("ix_messages_troubled", "messages", ["created_at"], TROUBLED),
    ("ix_alerts_acknowledged_at", "alerts", ["acknowledged_at"], TAKEN),
    ("ix_alerts_about_texts", "alerts", ["opened_at"], ABOUT_A_TEXT),
)


def upgrade() -> None:
    op.create_table(
        "name_tokens",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("participant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_name_tokens_participant_id_participants")
        ),
        sa.PrimaryKeyConstraint("token", "participant_id", name=op.f("pk_name_tokens")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_name_tokens_participant_id"), "name_tokens", ["participant_id"], unique=False)
    with op.batch_alter_table("participants", schema=None, recreate="never") as batch_op:
        batch_op.add_column(sa.Column("indexed_as", sa.Integer(), nullable=True))
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    # Not by copying the table, as batch mode would: its copy drops the original, which other tables refer to.
    with op.batch_alter_table("participants", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("indexed_as")
    op.drop_index(op.f("ix_name_tokens_participant_id"), table_name="name_tokens")
    op.drop_table("name_tokens")
