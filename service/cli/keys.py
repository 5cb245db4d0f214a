"""Making secrets."""

import secrets

import click
from cryptography.fernet import Fernet

from service.cli.common import Group


@click.group(cls=Group)
def keys() -> None:
    """Secrets for the settings."""


@keys.command()
def generate() -> None:
    """Print a new SECRET_KEY and a new key for FIELD_KEYS."""
    click.echo(f"SECRET_KEY={secrets.token_urlsafe(32)}")
    click.echo(f"FIELD_KEYS={Fernet.generate_key().decode()}")
