"""Fixtures of the stories: the service with Twilio's double."""

from tests.rig.twilio_world import twilio_double, twilio_world

__all__ = ["twilio_double", "twilio_world"]
