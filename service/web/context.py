"""What every page reaches for: the parts, the settings it may show, the time, who is signed in."""

from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g

from service.bootstrap import Parts
from service.domain.caseload import Sight
from service.workflows.staff import SignedIn

HERE = Path(__file__).parent

pages = Blueprint(
    "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
)
"""Owns the templates and the static files of every other blueprint here."""


class WebSettings(Protocol):
    """The few settings that pages show. This room does not read the environment itself."""

    @property
    def base_url(self) -> str: ...
    @property
    def programme_name(self) -> str: ...
    @property
    def support_contact(self) -> str: ...
    @property
    def staffed_hours(self) -> str: ...
    @property
    def twilio_from_number(self) -> str: ...
    @property
    def default_timezone(self) -> str: ...
    @property
    def is_simulated(self) -> bool: ...
    @property
    def sends_per_second(self) -> float: ...
    @property
    def segment_price(self) -> str: ...
    @property
    def require_second_factor(self) -> bool: ...
    @property
    def metrics_token_text(self) -> str: ...


def parts() -> Parts:
    found: Parts = current_app.extensions["handrail"]
    return found


def settings() -> WebSettings:
    found: WebSettings = current_app.extensions["handrail_settings"]
    return found


def now() -> datetime:
    """The service's time; in rehearsal, the rehearsal's. Everything about people goes by it."""
    return parts().clock()


def house_zone() -> ZoneInfo:
    """The programme's own time zone, for pages that are not about one person."""
    return ZoneInfo(settings().default_timezone)


def signed_in() -> SignedIn | None:
    found: SignedIn | None = g.get("who")
    return found


def sight() -> Sight:
    """Whose people they may see: every list of people or alerts in the console is asked for with it."""
    return who().sight(now())


def who() -> SignedIn:
    """Whoever is signed in. Only for pages behind the guard."""
    found = signed_in()
    assert found is not None, "a console page was reached around the guard"  # noqa: S101
    return found
