"""Builds the Flask application. No rules, no SQL."""

import threading
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client, EnvironBuilder

from service import cli, web
from service.bootstrap import Clock, build_parts, wall_clock
from service.config import Settings, load_settings
from service.gateways.base import Form
from service.logs import set_up_logs
from service.workflows import preview

LARGEST_POST = 1_000_000
MOST_FORM_FIELDS = 500


def create_app(settings: Settings | None = None, wall: Clock = wall_clock) -> Flask:
    """The application, with its parts opened and its doors hung. Raises ConfigurationError."""
    is_served = settings is None
    settings = settings or load_settings()
    set_up_logs(settings.log_level)
    app = Flask("service", static_folder=None)
    is_https = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=LARGEST_POST,
        MAX_FORM_MEMORY_SIZE=LARGEST_POST,
        MAX_FORM_PARTS=MOST_FORM_FIELDS,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_NAME="__Host-handrail" if is_https else "handrail",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
    )
    if settings.trusted_proxies:
        # Only the address of whoever asks, and only as told by proxies of ours; for limits on sign-ins.
        # Host and scheme are PUBLIC_BASE_URL's to say.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0
        )
    parts = build_parts(settings, _OwnDoor(app), wall)
    app.extensions["handrail"] = parts
    app.extensions["handrail_settings"] = settings
    web.register(app, settings, parts)
    if is_served:
        # Word lists and table take seconds to open: do it now, beside serving, and not to the first text.
        threading.Thread(target=preview.try_reading, name="open-reading", daemon=True).start()
    return app


def create_cli() -> Flask:
    """What `flask` loads: the commands only. The service is opened by those that need it."""
    app = Flask("service", static_folder=None)
    cli.register(app, create_app)
    return app


class _OwnDoor:
    """The simulated phone's way into our own webhooks, within this process.

    The post goes through the whole application, signature check included, as Twilio's would.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, url: str, form: Form, signature: str) -> tuple[int, str]:
        parts = urlsplit(url)
        builder = EnvironBuilder(
            path=parts.path,
            query_string=parts.query,
            method="POST",
            base_url=f"{parts.scheme}://{parts.netloc}",
            data=MultiDict(list(form)),
            headers=[("X-Twilio-Signature", signature)],
        )
        try:
            response = Client(self._app).open(builder)
            return response.status_code, response.get_data(as_text=True)
        finally:
            builder.close()
