"""Members of staff."""

import sys

import click

from service.cli.common import COMMAND_LINE, Group, open_parts
from service.domain.staff import Role
from service.workflows import second_factor, staff_phones
from service.workflows.staff import add_coordinator, make_sign_in_link


@click.group(cls=Group)
def coordinators() -> None:
    """Members of staff who use the console."""


@coordinators.command()
@click.argument("email")
@click.option("--name", required=True, help="As colleagues know them.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a member of staff. A password is made and printed once, unless you give one."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    parts = open_parts()
    new = add_coordinator(parts.database, email, name, Role(role), COMMAND_LINE, parts.wall(), password)
    click.echo(f"Added coordinator {new.coordinator_id}.")
    if new.password is not None:
        click.echo(f"Password, shown only now: {new.password}")


@coordinators.command("reset-app")
@click.argument("email")
def reset_app(email: str) -> None:
    """Ask somebody for no authenticator app any more, as it is lost. Ends their sessions."""
    parts = open_parts()
    found = staff_phones.find_member(parts.database, email)
    second_factor.remove(parts.database, found, COMMAND_LINE, parts.wall())
    click.echo("No code is asked for any more. They can set up another app under their account.")


@coordinators.command("link")
@click.argument("email")
def link(email: str) -> None:
    """Make a one-time sign-in link that is good for an hour."""
    parts = open_parts()
    token = make_sign_in_link(parts.database, email, parts.wall())
    click.echo(f"{parts.programme.base_url}/sign-in/{token}")
