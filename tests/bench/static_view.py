"""The limit of a webhook: a Flask view that always gives the same answer. `gunicorn tests.bench.static_view:app`."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/<path:_path>")
def answer(_path: str) -> Response:
    request.form.get("Body")  # reading the form is part of being called by Twilio
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response />', mimetype="text/xml")
