"""Sending many at once: waves, faults, pace, and what is promised whatever happens in between."""
