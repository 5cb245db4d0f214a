"""The command line: `flask GROUP COMMAND`. Parses, calls a workflow, prints.

Commands that need the database open the whole service when they run, so that those that do not
(`guide ask`, `keys generate`, `doctor`) work before there is one.
"""

from collections.abc import Callable

from flask import Flask

from service.cli.alerts import alerts
from service.cli.audit import audit
from service.cli.backup import backup
from service.cli.coordinators import coordinators
from service.cli.doctor import doctor
from service.cli.guide import guide
from service.cli.keys import keys
from service.cli.messages import messages
from service.cli.on_call import on_call
from service.cli.participants import participants
from service.cli.retention import retention
from service.cli.schedules import schedules
from service.cli.simulate import simulate
from service.cli.withdrawals import withdrawals


def register(app: Flask, open_service: Callable[[], Flask]) -> None:
    """Hang the commands on an application; `open_service` builds the real one on demand."""
    app.extensions["open_service"] = open_service
    for group in (
        alerts,
        audit,
        backup,
        coordinators,
        guide,
        keys,
        messages,
        on_call,
        participants,
        retention,
        schedules,
        simulate,
        withdrawals,
    ):
        app.cli.add_command(group)
    app.cli.add_command(doctor)
