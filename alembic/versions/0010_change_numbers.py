"""let people change their number, say why a series ended, hold back while somebody talks,
and keep replies

Only adds: the release that is still running neither reads nor minds what is new. Nobody may enter a new
number until it is replaced, as it would not know the state that a person is in meanwhile.

Revision: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("status = 'asked'")
END_REASON = sa.Enum("loss", "moved", "finished", "other", name="endreason", native_enum=False, length=32)
ADDED = {
    "participants": {"held_until": sa.DateTime(timezone=True), "number_since": sa.DateTime(timezone=True)},
    "schedules": {"ended_because": END_REASON, "ended_by": ROW_ID},
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, schema=None, recreate="never") as batch_op:
            for name, kind in columns.items():
                batch_op.add_column(sa.Column(name, kind, nullable=True))
    op.create_table(
        "number_changes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("participant_id", ROW_ID, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "confirmed",
                "refused",
                "lapsed",
                "taken_back",
                "ended",
                name="numberchangestatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("new_index", sa.LargeBinary(), nullable=False),
        sa.Column("new_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("old_index", sa.LargeBinary(), nullable=False),
        sa.Column("old_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("wording", sa.String(), nullable=True),
        sa.Column("wording_version", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", ROW_ID, nullable=True),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", ROW_ID, nullable=True),
        sa.Column("inbound_id", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_number_changes_participant_id_participants"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_number_changes_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_messages.id"],
            name=op.f("fk_number_changes_inbound_id_inbound_messages"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_changes")),
    )
    op.create_index("ix_number_changes_participant_id", "number_changes", ["participant_id"])
    op.create_index("ix_number_changes_new_index", "number_changes", ["new_index"])
    for name, column in (("number", "new_index"), ("person", "participant_id")):
        op.create_index(
            f"uq_number_changes_asked_{name}",
            "number_changes",
            [column],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )

    op.create_table(
        "saved_replies",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", ROW_ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_replies")),
        sa.UniqueConstraint("language", "title", name=op.f("uq_saved_replies_language_title")),
    )


def downgrade() -> None:
    op.drop_table("saved_replies")
    op.drop_table("number_changes")
    for table, columns in ADDED.items():
        # Not by copying the table, as batch mode would: its copy drops the original, which others refer to.
        with op.batch_alter_table(table, schema=None, recreate="never") as batch_op:
            for name in reversed(columns):
                batch_op.drop_column(name)
