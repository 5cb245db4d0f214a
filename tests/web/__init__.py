"""The front room, without a browser."""
