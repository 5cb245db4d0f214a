"""Sending what is due: claim, launch, call, record.

claim.py        takes a batch of due texts in hand, or settles those that must not go
launch.py       the last look at a text, held locked until its request has left
record.py       writes down what the gateway said, in batches
reactions.py    what an answer or a receipt other than "taken" calls for
at_once.py      the same steps one text at a time: for rehearsals, tests and the command line
gatehouse.py    lets the calls of many threads begin, in waves
hands.py        the threads that call, and what lies between them and the pilot
dispatcher.py   the sender of the jobs process: one pilot for the database, many hands for the calls
"""
