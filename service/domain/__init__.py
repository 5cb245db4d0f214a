"""The rules. Plain Python: no database, no Flask, no clock reads (now is an argument)."""
