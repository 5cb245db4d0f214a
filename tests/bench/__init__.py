"""`make bench`: what sending, receiving and waiting cost, side by side with peers and limits. Not collected by pytest.

__main__.py     which rows are run, with what sizes; the table, docs/bench.md
figures.py      a row of the table, and writing it
ground.py       databases, child processes, what they used of processor and memory
filling.py      people, questions and texts that wait, by the thousand
stub.py         a light Twilio in a process of its own, which counts each text exactly
sender.py       a process that is Handrail's sender, or one of its peers, and starts on a word
peers.py        the peers: APScheduler, Celery, a serial loop; and the limit, the transport alone
dispatch.py     rows: many texts due at one instant; several senders; steady traffic
ticking.py      rows: looking for what is due, planning it, entering people
web.py          rows: webhooks against a static Flask view, also during a burst
load.py         a client in a process of its own that posts prepared requests
pages.py        the console's pages with 100,000 people: `python -m tests.bench.pages`
crowd.py        those people and their million texts
process.py      rows: memory, and how soon it starts
"""
