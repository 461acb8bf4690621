"""The gateway with one more route: a bare Flask POST handler, to measure a menu step against."""

from __future__ import annotations

from flask import Response, request

from bench.house import BARE
from gateway.wsgi import app

PAGE = "CON " + "x" * 120


@app.post(BARE)
def bare() -> Response:
    """Reads one field of the same form and answers a page of the same size, doing nothing else."""
    told = request.form.get("text", "")
    return Response(PAGE if told is not None else "", content_type="text/plain; charset=utf-8")
