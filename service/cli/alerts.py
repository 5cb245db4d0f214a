"""What needs a coordinator."""

import click

from service.cli.common import COMMAND_LINE, Group, open_parts, print_json, utc
from service.domain.alerts import AlertStatus
from service.workflows.alerting import AlertView, acknowledge, list_alerts


@click.group(cls=Group)
def alerts() -> None:
    """What needs a coordinator."""


@alerts.command("list")
@click.option("--status", type=click.Choice([status.value for status in AlertStatus]))
@click.option("--json", "as_json", is_flag=True)
def list_(status: str | None, as_json: bool) -> None:
    """Alerts, the most urgent first."""
    parts = open_parts()
    for alert in list_alerts(parts.database, AlertStatus(status) if status else None):
        if as_json:
            print_json(_as_json(alert))
        else:
            opened = utc(alert.opened_at)
            click.echo(
                f"{alert.id}  {alert.urgency.value}  {alert.kind.value}  {alert.status.value}  "
                f"{opened}  participant {alert.participant_id}  {alert.detail}"
            )


def _as_json(alert: AlertView) -> dict[str, object]:
    return {
        "id": alert.id,
        "kind": alert.kind.value,
        "urgency": alert.urgency.value,
        "status": alert.status.value,
        "participant_id": alert.participant_id,
        "detail": alert.detail,
        "opened_at": utc(alert.opened_at),
        "acknowledged_at": utc(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by,
    }


@alerts.command("acknowledge")
@click.argument("alert_id", type=int)
@click.option("--note", default="", help="What was done.")
def acknowledge_(alert_id: int, note: str) -> None:
    """Say that somebody has taken an alert in hand."""
    parts = open_parts()
    if acknowledge(parts.database, alert_id, COMMAND_LINE, parts.clock(), note):
        click.echo(f"Alert {alert_id} is acknowledged.")
    else:
        click.echo(f"Alert {alert_id} had been acknowledged before.")
