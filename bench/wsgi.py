"""The gateway, and beside it a Flask application with one bare POST handler to measure it against."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.bare_bots import app as bots
from bench.house import BARE
from gateway.wsgi import app as gateway

PAGE = "CON " + "x" * 120

bare_app = Flask("bare", static_folder=None)


@bare_app.post("/")
def bare() -> Response:
    """Reads one field of the same form and answers a page of the same size, doing nothing else."""
    told = request.form.get("text", "")
    return Response(PAGE if told is not None else "", content_type="text/plain; charset=utf-8")


app = DispatcherMiddleware(gateway, {BARE.rstrip("/"): bare_app, "/bench/bot": bots})
