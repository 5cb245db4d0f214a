"""A stateful double of Twilio's Messages API, for tests with the real Twilio client.

contract.py   checks requests and answers against Twilio's own OpenAPI file (openapi/)
records.py    a text as Twilio keeps it
script.py     what the double is told to do with the next call
post.py       signed webhook posts: over HTTP, or straight into a WSGI app
api.py        the HTTP routes
server.py     the server, and how it breaks connections
double.py     TwilioDouble: what tests talk to
fixtures.py   `twilio_double`
"""
