"""The verbs. The only room that opens transactions.

Workflows take plain arguments and return frozen dataclasses. A module whose functions take a session
(`consent_steps`, `answering`, `conversing`, `wording`) is a part of a workflow, never a whole one.
"""
