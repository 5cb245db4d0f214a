"""The front door: webhooks, console, simulated phone, public pages, health."""

from flask import Flask

from service.bootstrap import Parts
from service.web import errors, filters, health, phone, public, security, webhooks
from service.web.console import (
    account,
    auth,
    caseload,
    erasing,
    flyer,
    importing,
    number,
    on_call,
    opt_ins,
    people,
    person,
    reports,
    saved_replies,
    schedules,
    staffing,
    talking,
    today,
    trail,
    wording,
)
from service.web.context import WebSettings, pages
from service.web.refusals import Refusals
from service.workflows.health import count_refusals


def register(app: Flask, settings: WebSettings, parts: Parts) -> None:
    """Hang every door of the house. The phone is there only in rehearsal."""
    security.register(app, settings)
    filters.register(app)
    errors.register(app)
    app.register_blueprint(pages)
    for module in (
        public,
        auth,
        today,
        people,
        person,
        caseload,
        erasing,
        number,
        talking,
        saved_replies,
        schedules,
        opt_ins,
        importing,
        flyer,
        on_call,
        reports,
        wording,
        account,
        trail,
        staffing,
    ):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(auth.leaving)
    if parts.phone is not None:
        app.register_blueprint(phone.blueprint)
    app.extensions["handrail_refusals"] = Refusals(lambda counts: count_refusals(parts.database, counts))
    app.register_blueprint(webhooks.blueprint)
    app.register_blueprint(health.blueprint)
    security.csrf.exempt(webhooks.blueprint)  # signed by the gateway instead
