"""keep the queue: notes of staff on a person, who has snoozed whom, and what has been looked after

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITH_WORDS = sa.text("body_sealed IS NOT NULL")
SNOOZED = sa.text("snoozed_until IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "staff_notes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("participant_id", ROW_ID, nullable=False),
        sa.Column("coordinator_id", ROW_ID, nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_staff_notes_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinators.id"], name=op.f("fk_staff_notes_coordinator_id_coordinators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notes")),
    )
    op.create_index("ix_staff_notes_participant_id_id", "staff_notes", ["participant_id", "id"])
    op.create_index(
        "ix_staff_notes_with_words",
        "staff_notes",
        ["created_at"],
        sqlite_where=WITH_WORDS,
        postgresql_where=WITH_WORDS,
    )
    op.create_table(
        "queue_marks",
        sa.Column("participant_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("settled_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", ROW_ID, nullable=True),
        sa.Column("snoozed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_by", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_queue_marks_participant_id_participants")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["coordinators.id"], name=op.f("fk_queue_marks_settled_by_coordinators")
        ),
        sa.ForeignKeyConstraint(
            ["snoozed_by"], ["coordinators.id"], name=op.f("fk_queue_marks_snoozed_by_coordinators")
        ),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_queue_marks")),
    )
    op.create_index(
        "ix_queue_marks_snoozed_until",
        "queue_marks",
        ["snoozed_until"],
        sqlite_where=SNOOZED,
        postgresql_where=SNOOZED,
    )


def downgrade() -> None:
    op.drop_table("queue_marks")
    op.drop_table("staff_notes")
