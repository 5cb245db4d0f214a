"""The records. SQLAlchemy only.

Functions take a session first; they never begin, commit or roll back, and never call a gateway.
"""
