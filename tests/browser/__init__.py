"""The front room in a real Chromium."""
