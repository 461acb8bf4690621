"""The address that chat networks call: proves the caller, stores what was said, answers at once."""

from __future__ import annotations

import hmac
import json
from typing import Any, Final

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.ports import Blind, Block, Inbox, Notes
from bot.reception import Reception, count
from bot.telegram import update_id

LARGEST: Final = 1_000_000
"""Octets of an update; Telegram's stay far below."""

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"

_log = structlog.get_logger("telegram")


def blueprint(*, inbox: Inbox, block: Block, notes: Notes, blind: Blind, secret: str) -> Blueprint:
    """`POST /bot/telegram/webhook`. An empty `secret` refuses everybody.

    Telegram tries again for 24 hours whatever is not answered with 2xx, and keeps that chat's
    later updates back: so what we cannot use is answered 200 as well.
    """
    routes = Blueprint("bot", __name__, url_prefix="/bot")
    reception = Reception(inbox=inbox, block=block, notes=notes, blind=blind)

    @routes.post("/telegram/webhook")
    def telegram() -> ResponseReturnValue:
        if not _is_telegram(secret):
            return _refused("forbidden", 403)
        update = _read_json()
        if isinstance(update, Response):
            return update
        try:
            remark = reception.take(update)
        except Exception as error:  # noqa: BLE001 - whatever ails the store, Telegram keeps it for us
            _log.error("telegram_update_not_stored", error=type(error).__name__)
            return _short("later", 503, retry_after=5)
        if remark is None:
            return _short("ok", 200)
        said = remark.said.to(remark.language)
        return jsonify(method="sendMessage", chat_id=remark.chat, text=said)

    return routes


def _is_telegram(secret: str) -> bool:
    given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(given, secret.encode())


def _read_json() -> dict[str, Any] | Response:
    """The update, or the answer to something that is none."""
    if request.mimetype != "application/json":
        return _refused("JSON only", 415)
    request.max_content_length = LARGEST
    try:
        update = json.loads(request.get_data(cache=False))
    except HTTPException as refused:
        return _refused("too large" if refused.code == 413 else "unreadable", refused.code or 400)
    except (ValueError, RecursionError):
        return _refused("not JSON", 400)
    if not isinstance(update, dict) or update_id(update) is None:
        return _refused("not an update", 400)
    return update


def _refused(why: str, status: int) -> Response:
    """Counted and logged with everything else that comes, in fixed words."""
    count(why)
    return _short(why, status)


def _short(said: str, status: int, *, retry_after: int | None = None) -> Response:
    response = Response(said, status, mimetype="text/plain")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
