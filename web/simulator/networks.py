"""Plays the providers that carry our messages away: Kannel, Telegram's Bot API, and Zalo.

Only for trying things out where no real provider is configured: what the gateway sends arrives in
the threads of the handset at `/simulator`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from core.gsm import is_gsm7, segments
from web.simulator.bot_api import BotApi
from web.simulator.post import Poster
from web.simulator.threads import Threads
from web.simulator.zalo_api import ZaloApi

LARGEST: Final = 1_000_000
_DELIVERED, _ACCEPTED = 1, 8
"""Kannel's receipts: bits of `dlr-mask`, told in the place of `%d`."""


def blueprint(
    *,
    threads: Threads,
    poster: Poster,
    bot_token: str,
    kannel_username: str,
    kannel_password: str,
    now: Callable[[], float],
    zalo_token: str = "",
) -> Blueprint:
    """`/simulator/kannel/cgi-bin/sendsms`, `/simulator/telegram/bot<token>/<method>` and, with a
    token, `/simulator/zalo/<token>/<path>`: a server like ours does not see Zalo's own header, whose
    name has an underscore in it.

    `poster` reaches the gateway itself, the only place receipts go to, whatever host a `dlr-url`
    names.
    """
    routes = Blueprint("simulated_networks", __name__, url_prefix="/simulator")
    kannel = _Kannel(threads, poster, kannel_username, kannel_password)

    @routes.get("/kannel/cgi-bin/sendsms")
    def sendsms() -> ResponseReturnValue:
        return kannel.take(request.args)

    _telegram_route(routes, BotApi(threads, now), bot_token)
    if zalo_token:
        _zalo_route(routes, ZaloApi(threads, poster.picture, zalo_token))
    return routes


def _telegram_route(routes: Blueprint, bot_api: BotApi, bot_token: str) -> None:
    @routes.route("/telegram/bot<token>/<method>", methods=["GET", "POST"])
    def telegram(token: str, method: str) -> ResponseReturnValue:
        request.max_content_length = LARGEST
        if not hmac.compare_digest(token.encode(), bot_token.encode()):
            return {"ok": False, "error_code": 401, "description": "Unauthorized"}, 401
        files = {name: file.read() for name, file in request.files.items()}
        answer = bot_api.call(method, _parameters(), files)
        return answer, 200 if answer["ok"] else answer["error_code"]


def _zalo_route(routes: Blueprint, api: ZaloApi) -> None:
    @routes.post("/zalo/<token>/<path:path>")
    def zalo(token: str, path: str) -> ResponseReturnValue:
        request.max_content_length = LARGEST
        answer = api.call(path, token, _parameters())
        return answer, 200 if answer["error"] != -216 else 401


class _Kannel:
    """sendsms as Kannel 1.4.5 has it: same answers, same receipts."""

    def __init__(self, threads: Threads, poster: Poster, username: str, password: str) -> None:
        self._threads = threads
        self._poster = poster
        self._username = username
        self._password = password
        self._receipts: ThreadPoolExecutor | None = None

    def take(self, sent: Mapping[str, str]) -> Response:
        """One message to one phone."""
        if not (
            hmac.compare_digest(sent.get("username", "").encode(), self._username.encode())
            and hmac.compare_digest(sent.get("password", "").encode(), self._password.encode())
        ):
            return _said("Authorization failed for sendsms", 403)
        if not sent.get("to"):
            return _said("Missing receiver number, rejected", 400)
        to = f"+{sent['to'].strip().lstrip('+')}"
        if not to[1:].isdecimal():
            return _said("Number(s) has/have been denied by white- and/or black-lists.", 400)
        if not sent.get("from"):
            return _said("Sender missing and no global set, rejected", 400)
        text = sent.get("text", "")
        if sent.get("coding", "0") == "0":
            text = _as_coding_0_sends_it(text)
        self._threads.add(to, sms_event(text, sender=sent["from"]))
        if sent.get("dlr-url") and sent.get("dlr-mask", "0").isdecimal():
            self._tell(sent["dlr-url"], int(sent.get("dlr-mask", "0")), to, sent["from"])
        return _said("0: Accepted for delivery", 202)

    def _tell(self, url: str, mask: int, to: str, sender: str) -> None:
        """The receipts, after sendsms has been answered."""
        if self._receipts is None:
            self._receipts = ThreadPoolExecutor(2, thread_name_prefix="simulated-receipts")
        kinds = [kind for kind in (_ACCEPTED, _DELIVERED) if mask & kind]
        urls = [_receipt_url(url, kind, to, sender) for kind in kinds]
        self._receipts.submit(lambda: [self._poster.call("GET", one) for one in urls])


def sms_event(text: str, *, sender: str | None = None) -> dict[str, Any]:
    """A text message in a handset's thread; without a `sender` it is the person's own."""
    return {
        "thread": "sms",
        "from": "them" if sender is not None else "me",
        "sender": sender,
        "text": text,
        "parts": len(segments(text)),
    }


def _as_coding_0_sends_it(text: str) -> str:
    """Letters that GSM-7 cannot write are lost, silently: the pitfall worth seeing in a demo."""
    return "".join(letter if is_gsm7(letter) else "?" for letter in text)


def _receipt_url(url: str, kind: int, to: str, sender: str) -> str:
    """Path and query of a receipt with Kannel's escapes filled in: `%p` is the recipient."""
    parts = urlsplit(url)
    address = f"{parts.path}?{parts.query}"
    for escape, value in {
        "%d": str(kind),
        "%p": quote(to, safe=""),
        "%P": quote(sender, safe=""),
        "%A": quote("stat:DELIVRD" if kind == _DELIVERED else "ACK/", safe=""),
        "%F": "0",
        "%i": "SIMULATOR",
        "%T": "0",
    }.items():
        address = address.replace(escape, value)
    return address


def _parameters() -> dict[str, Any]:
    """What the bot sent, in whichever of the three ways: form, multipart or JSON."""
    if request.mimetype == "application/json":
        sent = request.get_json(silent=True)
        return sent if isinstance(sent, dict) else {}
    return request.values.to_dict()


def _said(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")
