"""What the service would make of a text."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from service.bootstrap import build_words
from service.cli.common import COMMAND_LINE, Group, open_parts
from service.config import load_settings, read_settings
from service.domain.errors import BadInput, NotAllowed
from service.workflows import learning
from service.workflows.preview import preview


@click.group(cls=Group)
def guide() -> None:
    """The words of the service."""


@guide.command()
@click.option("--json", "as_json", is_flag=True)
def ask(as_json: bool) -> None:
    """Read one text a line from standard input and print what would be made of each.

    Touches no database, sends nothing, keeps nothing, writes no file.
    """
    words = build_words(read_settings())
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        found = preview(words, text)
        if as_json:
            click.echo(json.dumps(asdict(found), ensure_ascii=False))
        else:
            soft = " +safety line" if found.soft else ""
            click.echo(f"{found.lane}/{found.label} {found.score:.2f}{soft}  {found.reply!r}")


@guide.command()
@click.option("--out", type=click.Path(path_type=Path), help="A new file, instead of standard output.")
def marks(out: Path | None) -> None:
    """Write the texts that staff have marked as misread, redacted, one training line each.

    Only with LEARN_FROM_MARKS=yes, and only texts of people who are opted in. A person must read every line
    before it is shared: redacting cannot see everything.
    """
    if not load_settings().learn_from_marks:
        raise NotAllowed(
            "Nothing is written: the programme has not opted in. Read the section on marks in "
            "docs/privacy.md; if people's texts may be used so, set LEARN_FROM_MARKS=yes and run this again."
        )
    parts = open_parts()
    if out is not None and out.exists():
        raise BadInput("There is such a file already: choose another name.")
    lines = learning.marked_texts(parts.database, parts.words, COMMAND_LINE, parts.clock())
    if out is not None:
        learning.write_new(out, lines)
    else:
        for line in lines:
            click.echo(line)
    click.echo(f"{len(lines)} texts. Read every line before you share any.", err=True)
