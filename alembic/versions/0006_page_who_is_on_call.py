"""know who is on call, and page them

Only adds: the release that is still running neither reads nor minds what is new.

Revision: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("ended_at IS NULL")
DUE = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "rota_covers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("absent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["absent_id"], ["coordinators.id"], name=op.f("fk_rota_covers_absent_id_coordinators")
        ),
        sa.ForeignKeyConstraint(
            ["instead_id"], ["coordinators.id"], name=op.f("fk_rota_covers_instead_id_coordinators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_covers")),
    )
    with op.batch_alter_table("rota_covers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rota_covers_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "rota_shifts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coordinator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum("first", "second", "supervisor", name="rotarole", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinators.id"], name=op.f("fk_rota_shifts_coordinator_id_coordinators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_shifts")),
    )
    with op.batch_alter_table("rota_shifts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_rota_shifts_in_force",
            ["coordinator_id", "role", "weekday", "starts"],
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        )

    op.create_table(
        "staff_phones",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coordinator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("asked", "confirmed", "stopped", name="staffphonestatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("times_asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinators.id"], name=op.f("fk_staff_phones_coordinator_id_coordinators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_phones")),
        sa.UniqueConstraint("coordinator_id", name=op.f("uq_staff_phones_coordinator_id")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_staff_phones_phone_index")),
    )
    op.create_table(
        "rota_swaps",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("instead_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instead_id"], ["coordinators.id"], name=op.f("fk_rota_swaps_instead_id_coordinators")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["rota_shifts.id"], name=op.f("fk_rota_swaps_shift_id_rota_shifts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_swaps")),
        sa.UniqueConstraint("shift_id", "day", name=op.f("uq_rota_swaps_shift_id_day")),
    )
    op.create_table(
        "pagings",
        sa.Column(
            "alert_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("times_started", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_unheard", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_pagings_alert_id_alerts")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_pagings")),
    )
    with op.batch_alter_table("pagings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_pagings_next_at", ["next_at"], unique=False, sqlite_where=DUE, postgresql_where=DUE
        )
        batch_op.create_index(
            "uq_pagings_code", ["code"], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
        )

    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("coordinator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_watched", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["pagings.alert_id"], name=op.f("fk_pages_alert_id_pagings")),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinators.id"], name=op.f("fk_pages_coordinator_id_coordinators")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_pages_message_id_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_pages_message_id")),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pages_alert_id"), ["alert_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pages_alert_id"))

    op.drop_table("pages")
    with op.batch_alter_table("pagings", schema=None) as batch_op:
        batch_op.drop_index("uq_pagings_code")
        batch_op.drop_index("ix_pagings_next_at")

    op.drop_table("pagings")
    op.drop_table("rota_swaps")
    op.drop_table("staff_phones")
    with op.batch_alter_table("rota_shifts", schema=None) as batch_op:
        batch_op.drop_index("uq_rota_shifts_in_force")

    op.drop_table("rota_shifts")
    with op.batch_alter_table("rota_covers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rota_covers_ends_at"))

    op.drop_table("rota_covers")
