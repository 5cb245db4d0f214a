"""The phones: Twilio and the built-in simulated one, behind one protocol (see base.py)."""
