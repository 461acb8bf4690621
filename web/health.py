"""For those who keep the gateway running: is it alive, is it ready, what does it count."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

import structlog
from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest

_log = structlog.get_logger("health")

Check = Callable[[], object]
"""Reaches a server; raises whatever it raises when that fails."""


def blueprint(
    *,
    servers: Mapping[str, Check],
    platforms: Callable[[], Mapping[str, str]],
    metrics_token: str,
    metrics_open: bool,
    registry: CollectorRegistry = REGISTRY,
) -> Blueprint:
    """`GET /healthz`, `/readyz` and `/metrics`.

    `servers` are those without which nothing works; `platforms` tells the state of each national
    platform in a word, which is shown but does not make the gateway unready. `metrics_open`
    shows the metrics to everybody; otherwise they need the token, and without one nobody gets them.
    """
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> ResponseReturnValue:
        return Response("ok\n", mimetype="text/plain")

    @routes.get("/readyz")
    def ready() -> ResponseReturnValue:
        found = {name: _reaches(name, check) for name, check in servers.items()}
        all_well = all(found.values())
        states = {name: "ok" if well else "unreachable" for name, well in found.items()}
        told = {"ready": all_well, "servers": states, "platforms": dict(platforms())}
        return jsonify(told), 200 if all_well else 503

    @routes.get("/metrics")
    def metrics() -> ResponseReturnValue:
        if not metrics_open and not _knows(metrics_token):
            abort(401 if metrics_token else 404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return routes


def _reaches(name: str, check: Check) -> bool:
    try:
        check()
    except Exception as error:  # noqa: BLE001  (whatever the driver raises, it is not reachable)
        _log.warning("server_unreachable", server=name, error=type(error).__name__)
        return False
    return True


def _knows(token: str) -> bool:
    given = request.headers.get("Authorization", "").encode("utf-8", "replace")
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())
