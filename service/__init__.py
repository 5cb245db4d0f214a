"""Handrail: text check-ins and reminders for people in recovery.

The rooms, from the front door down. A room may import only from rooms below it:

    app          builds the Flask application
    web, cli     the front doors: HTTP, and the command line
    bootstrap    wires settings to the parts (which gateway, which clock)
    workflows    the verbs; the only room that opens transactions
    store        the records (SQLAlchemy)
    gateways     the phones (Twilio, and the simulated one)
    guide        the words: guidance cards, routine texts, hotline numbers
    routing      the ear: what a text means
    domain       the rules: plain Python, no I/O, no clock reads

`jobs/` stands beside: the clock room, the only importer of APScheduler.
"""
