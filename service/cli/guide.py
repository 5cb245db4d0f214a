"""What the service would make of a text."""

import json
import sys
from dataclasses import asdict

import click

from service.bootstrap import build_words
from service.cli.common import Group
from service.config import load_settings
from service.workflows.preview import preview


@click.group(cls=Group)
def guide() -> None:
    """The words of the service."""


@guide.command()
@click.option("--json", "as_json", is_flag=True)
def ask(as_json: bool) -> None:
    """Read one text a line from standard input and print what would be made of each.

    Touches no database, sends nothing, keeps nothing.
    """
    words = build_words(load_settings())
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        found = preview(words, text)
        if as_json:
            click.echo(json.dumps(asdict(found), ensure_ascii=False))
        else:
            soft = " +safety line" if found.soft else ""
            click.echo(f"{found.lane}/{found.label} {found.score:.2f}{soft}  {found.reply!r}")
