"""Handrail's tests. The folders mirror the rooms; `rig` holds what the tests stand on."""
