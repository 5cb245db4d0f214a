"""`make soak`: real processes, killed at random, against a Twilio that misbehaves; at the end a ledger must balance.

__main__.py     how long, by which dice; prints, writes docs/soak.md, fails when the ledger does not balance
chaos.py        one run: the town lives, things break, then all is settled and counted
faults.py       the double with bad days: hangs, resets, 5xx, 429, receipts doubled, out of order or missing
processes.py    web and jobs, several of each, on one PostgreSQL; who is killed and comes back
town.py         people who text, answer, opt out; staff who write to them; what each was told
ledger.py       what must hold at the end, counted against the double's own records
test_soak.py    the short run that is part of the tests
"""
