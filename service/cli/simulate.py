"""Living through time and texting, without a phone."""

import click

from service.bootstrap import Parts
from service.cli.common import Group, open_parts, print_json, utc
from service.cli.tour import tour
from service.cli.transcripts import transcripts
from service.domain.errors import ConfigurationError
from service.domain.local_time import to_local, zone_named
from service.domain.phone import parse_phone
from service.gateways.simulated import SimulatedGateway
from service.workflows.rehearsal import move_clock, move_to_next_text, parse_moment, parse_span


@click.group(cls=Group)
def simulate() -> None:
    """The simulated phone and the rehearsal clock (only with GATEWAY=simulated)."""


simulate.add_command(tour)
simulate.add_command(transcripts)


def _stage() -> tuple[Parts, SimulatedGateway]:
    parts = open_parts()
    if parts.phone is None:
        raise ConfigurationError("This works only with GATEWAY=simulated.")
    return parts, parts.phone


@simulate.command()
@click.argument("phone")
@click.argument("body")
@click.option("--json", "as_json", is_flag=True)
def text(phone: str, body: str, as_json: bool) -> None:
    """Text the service from a phone, through the real webhook, and print what comes back."""
    parts, gateway = _stage()
    replies = gateway.text_in(parse_phone(phone), body, parts.programme.base_url)
    if as_json:
        print_json({"replies": replies})
        return
    for reply in replies:
        click.echo(reply)


@simulate.command()
@click.option("--to", "target", metavar="ISO-8601", help="A moment; without offset, in DEFAULT_TIMEZONE.")
@click.option("--by", "span", metavar="2h", help="A span: 30m, 2h, 1d, 2w, 1d12h.")
@click.option("--to-next-text", is_flag=True, help="To the moment the next text goes out.")
@click.option("--json", "as_json", is_flag=True)
def clock(target: str | None, span: str | None, to_next_text: bool, as_json: bool) -> None:
    """Move Handrail's own clock ahead, living through everything that is due on the way."""
    if sum((target is not None, span is not None, to_next_text)) != 1:
        raise click.UsageError("Give exactly one of --to, --by and --to-next-text.")
    parts, _ = _stage()
    if to_next_text:
        moved = move_to_next_text(parts.stage)
    else:
        now = parts.clock()
        if target is not None:
            goal = parse_moment(target, to_local(now, zone_named(parts.programme.default_timezone)))
        else:
            goal = now + parse_span(span or "")
        moved = move_clock(parts.stage, goal)
    if as_json:
        print_json({"from": utc(moved.started_at), "now": utc(moved.now), "texts": moved.texts})
    else:
        click.echo(f"It is {utc(moved.now)} now; {moved.texts} texts were handled on the way.")
