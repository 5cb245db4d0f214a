"""keep texts for a time, forget people on request, survive a restored backup

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WITH_WORDS = sa.text("body_sealed IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "suppressions",
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "opted_out",
                "declined",
                "wrong_number",
                "erased",
                name="withdrawalkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phone_index", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "redactions",
        sa.Column("gateway_sid", sa.String(length=64), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("gateway_sid", name=op.f("pk_redactions")),
    )
    op.create_table(
        "service_marks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_marks")),
    )
    with op.batch_alter_table("redactions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_redactions_try_at"), ["try_at"], unique=False)
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_messages_with_words",
            ["created_at"],
            unique=False,
            sqlite_where=WITH_WORDS,
            postgresql_where=WITH_WORDS,
        )
    with op.batch_alter_table("inbound_messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbound_messages_with_words",
            ["received_at"],
            unique=False,
            sqlite_where=WITH_WORDS,
            postgresql_where=WITH_WORDS,
        )


def downgrade() -> None:
    with op.batch_alter_table("inbound_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_inbound_messages_with_words")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_with_words")
    # Not by copying the table, as batch mode would: its copy drops the original, which other tables refer to.
    with op.batch_alter_table("participants", schema=None, recreate="never") as batch_op:
        batch_op.drop_column("erased_at")
    op.drop_table("service_marks")
    with op.batch_alter_table("redactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redactions_try_at"))
    op.drop_table("redactions")
    op.drop_table("suppressions")
