"""What Handrail costs at size. Not collected by pytest.

crowd.py        a programme of many people and texts, made in a minute by the database itself
pages.py        how long each page of the console takes with it
"""
