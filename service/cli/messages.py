"""Conversations."""

import click

from service.cli.common import Group, open_parts, print_json, utc
from service.workflows.thread import ThreadItem, conversation


@click.group(cls=Group)
def messages() -> None:
    """Texts, both ways."""


@messages.command("list")
@click.argument("phone")
@click.option("--json", "as_json", is_flag=True)
def list_(phone: str, as_json: bool) -> None:
    """The whole conversation with a number, oldest first."""
    parts = open_parts()
    for item in conversation(parts.database, phone):
        if as_json:
            print_json(_as_json(item))
        else:
            arrow = "<-" if item.direction == "in" else "->"
            state = f"  [{item.status.value}]" if item.status else ""
            click.echo(f"{item.at:%a %Y-%m-%d %H:%M %Z} {arrow} {item.body}{state}")


def _as_json(item: ThreadItem) -> dict[str, object]:
    return {
        "direction": item.direction,
        "id": item.id,
        "status": item.status.value if item.status else "received",
        "kind": item.kind.value if item.kind else None,
        "body": item.body,
        "at": utc(item.at),
        "local_time": item.at.isoformat(),
        "sent_at": utc(item.sent_at),
        "send_after": utc(item.send_after),
        "expires_at": utc(item.expires_at),
        "segments": item.segments,
        "error": item.error_code,
        "reason": item.reason,
        "lane": item.lane,
        "label": item.label,
        "topic": item.topic,
        "words": item.words,
    }
