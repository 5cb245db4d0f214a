"""say who may see whom, ask for a second factor, and seal the audit trail

Only adds: the release that is still running neither reads nor minds what is new. It signs people in without
a second factor and shows everybody's people until it is replaced.

Revision: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ADDED = {
    "participants": {"responsible_id": ROW_ID},
    "console_sessions": {"proved_at": sa.DateTime(timezone=True), "device": sa.String(length=60)},
}
KEPT = "the audit trail is append-only"


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, kind in columns.items():
                batch_op.add_column(sa.Column(name, kind, nullable=True))
    op.create_index("ix_participants_responsible_id_id", "participants", ["responsible_id", "id"])
    op.create_index("ix_audit_entries_actor_id_id", "audit_entries", ["actor_id", "id"])
    _create_tables()
    _keep_the_trail()


def _create_tables() -> None:
    op.create_table(
        "staff_caseloads",
        sa.Column("coordinator_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column(
            "caseload",
            sa.Enum("own", "shared", "all", name="caseload", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["coordinator_id"],
            ["coordinators.id"],
            name=op.f("fk_staff_caseloads_coordinator_id_coordinators"),
        ),
        sa.PrimaryKeyConstraint("coordinator_id", name=op.f("pk_staff_caseloads")),
    )
    op.create_table(
        "second_factors",
        sa.Column("coordinator_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", ROW_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["coordinator_id"],
            ["coordinators.id"],
            name=op.f("fk_second_factors_coordinator_id_coordinators"),
        ),
        sa.PrimaryKeyConstraint("coordinator_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("coordinator_id", ROW_ID, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["coordinator_id"],
            ["coordinators.id"],
            name=op.f("fk_recovery_codes_coordinator_id_coordinators"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint(
            "coordinator_id", "code_hash", name=op.f("uq_recovery_codes_coordinator_id_code_hash")
        ),
    )
    op.create_table(
        "half_sign_ins",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("coordinator_id", ROW_ID, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["coordinator_id"], ["coordinators.id"], name=op.f("fk_half_sign_ins_coordinator_id_coordinators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_half_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_half_sign_ins_expires_at"), "half_sign_ins", ["expires_at"])
    op.create_table(
        "audit_seals",
        sa.Column("position", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("entry_id", ROW_ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
    )
    op.create_index("uq_audit_seals_entry_id", "audit_seals", ["entry_id"], unique=True)


def _keep_the_trail() -> None:
    """Neither an entry nor a seal can be changed or deleted by a statement, ours included."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("audit_entries", "audit_seals"):
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION keep_audit_trail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$"
    )
    for table in ("audit_entries", "audit_seals"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_trail()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_entries_no_{verb}")
    else:
        op.execute("DROP TRIGGER audit_entries_kept ON audit_entries")
    for table in ("audit_seals", "half_sign_ins", "recovery_codes", "second_factors", "staff_caseloads"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION keep_audit_trail()")
    op.drop_index("ix_audit_entries_actor_id_id", "audit_entries")
    op.drop_index("ix_participants_responsible_id_id", "participants")
    for table, columns in ADDED.items():
        # Not by copying the table, as batch mode would: its copy drops the original, which others refer to.
        with op.batch_alter_table(table, schema=None, recreate="never") as batch_op:
            for name in reversed(columns):
                batch_op.drop_column(name)
