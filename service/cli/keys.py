"""Making secrets, and changing the one that seals the records."""

import secrets

import click
from cryptography.fernet import Fernet

from service.cli.common import Group, open_parts
from service.workflows.rotation import rotate


@click.group(cls=Group)
def keys() -> None:
    """Secrets for the settings."""


@keys.command()
def generate() -> None:
    """Print a new SECRET_KEY and a new key for FIELD_KEYS."""
    click.echo(f"SECRET_KEY={secrets.token_urlsafe(32)}")
    click.echo(f"FIELD_KEYS={Fernet.generate_key().decode()}")


@keys.command("rotate")
def rotate_() -> None:
    """Seal everything anew under the newest of FIELD_KEYS. The service may go on; can be run again.

    First put a new key in front of the old one and restart every process.
    """
    parts = open_parts()

    def tell(table: str, rows: int, resealed: int) -> None:
        click.echo(f"{table}: {rows} rows looked at, {resealed} values sealed anew", err=True)

    result = rotate(parts.database, tell)
    click.echo(f"{result.values} sealed values, {result.resealed} of them sealed anew.")
    if result.lost:
        raise click.ClickException(
            f"{result.lost} values open with none of FIELD_KEYS. Put the key they were sealed with back, "
            "behind the others, and run this again. Drop no key."
        )
    if not result.is_complete:
        raise click.ClickException(
            "Something still seals with an older key. Restart every process with the new key in front, "
            "then run this again. Drop no key."
        )
    click.echo(
        "Everything opens with the newest key alone. Once every process runs with it in front, the other "
        "keys may be dropped from FIELD_KEYS; keep them with the backups that were made before."
    )
