"""`/simulator`: the page with the handset, and the requests that its keys make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from web.simulator.handset import Handset
from web.simulator.post import Poster
from web.simulator.requests import NotOurCode, UssdCall
from web.simulator.threads import START, Threads

LARGEST: Final = 20_000
TOKEN_HEADER: Final = "X-Simulator-Token"
TOKEN_SECONDS: Final = 12 * 3600
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PHONE: Final = re.compile(r"\+[1-9][0-9]{7,14}")
_PNG: Final = b"\x89PNG"

People = Callable[[], list[dict[str, Any]]]


def blueprint(
    *, handset: Handset, people: People, poster: Poster, officer_key: str, secret: str
) -> Blueprint:
    """The page and its `/simulator/api/*`; register it only where the setting allows it.

    Every request that does something carries the token written into the page, which no other
    site can read. `officer_key` stays on the server.
    """
    routes = Blueprint(
        "simulator",
        __name__,
        url_prefix="/simulator",
        template_folder="templates",
        static_folder="../static/simulator",
        static_url_path="/static",
    )
    tokens = URLSafeTimedSerializer(secret, salt="simulator")
    _guard(routes, tokens)
    _page_routes(routes, handset, people, tokens)
    _ussd_routes(routes, handset)
    _message_routes(routes, handset)
    _thread_routes(routes, handset.threads)
    _officer_routes(routes, poster, officer_key)
    return routes


def _guard(routes: Blueprint, tokens: URLSafeTimedSerializer) -> None:
    @routes.before_request
    def only_from_our_page() -> None:
        if request.method == "POST":
            request.max_content_length = LARGEST
            try:
                tokens.loads(request.headers.get(TOKEN_HEADER, ""), max_age=TOKEN_SECONDS)
            except BadSignature:
                abort(403)

    @routes.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _page_routes(
    routes: Blueprint, handset: Handset, people: People, tokens: URLSafeTimedSerializer
) -> None:
    @routes.get("", strict_slashes=False)
    def page() -> ResponseReturnValue:
        return render_template(
            "simulator.html",
            token=tokens.dumps("page"),
            service_code=handset.networks.lines.service_code,
            short_number=handset.short_number,
        )

    @routes.get("/token")
    def token() -> ResponseReturnValue:
        return jsonify(token=tokens.dumps("page"))

    @routes.get("/photo/<name>")
    def photo(name: str) -> ResponseReturnValue:
        picture = handset.threads.photo(name)
        if picture is None:
            abort(404)
        kind = "image/png" if picture.startswith(_PNG) else "image/jpeg"
        return Response(picture, mimetype=kind, headers={"Cache-Control": "private, max-age=3600"})

    @routes.get("/api/people")
    def listed() -> ResponseReturnValue:
        return jsonify(people=people())


def _ussd_routes(routes: Blueprint, handset: Handset) -> None:
    @routes.post("/api/ussd/dial")
    def dial() -> ResponseReturnValue:
        try:
            return jsonify(handset.dial(_phone(), _words("dialled", 160)))
        except NotOurCode:
            return jsonify(screen=None, open=False, notOurs=True)

    @routes.post("/api/ussd/answer")
    def answer() -> ResponseReturnValue:
        return jsonify(handset.answer(_call(), _words("said", 200)))

    @routes.post("/api/ussd/cancel")
    def cancel() -> ResponseReturnValue:
        return jsonify(handset.hang_up(_call(), _words("screen", 400)))


def _message_routes(routes: Blueprint, handset: Handset) -> None:
    @routes.post("/api/sms")
    def sms() -> ResponseReturnValue:
        by_kannel = _words("by", 10) == "kannel"
        text = _words("text", 1600)
        return jsonify(handset.text(_phone(), text, "kannel" if by_kannel else "twilio"))

    @routes.post("/api/chat/write")
    def write() -> ResponseReturnValue:
        if _is_zalo():
            return jsonify(handset.write_zalo(_phone(), _words("text", 2000)))
        return jsonify(handset.write(_phone(), _words("text", 4096), _language()))

    @routes.post("/api/chat/tap")
    def tap() -> ResponseReturnValue:
        if _is_zalo():
            return jsonify(handset.tap_zalo(_phone(), _words("data", 1000)))
        number = _sent().get("message")
        if not isinstance(number, int):
            abort(400)
        return jsonify(handset.tap(_phone(), number, _words("data", 64), _language()))

    @routes.post("/api/chat/follow")
    def follow() -> ResponseReturnValue:
        return jsonify(handset.follow_zalo(_phone()))

    @routes.post("/api/chat/share")
    def share() -> ResponseReturnValue:
        return jsonify(handset.share_number(_phone(), _language()))


def _thread_routes(routes: Blueprint, threads: Threads) -> None:
    @routes.post("/api/thread")
    def thread() -> ResponseReturnValue:
        try:
            place, events = threads.after(_phone(), _words("after", 40) or START)
        except ValueError:
            abort(400)
        return jsonify(place=place, events=events)

    @routes.post("/api/thread/clear")
    def clear() -> ResponseReturnValue:
        threads.clear(_phone())
        return jsonify(cleared=True)


def _officer_routes(routes: Blueprint, poster: Poster, officer_key: str) -> None:
    @routes.post("/api/verify")
    def verify() -> ResponseReturnValue:
        asked = json.dumps({"scanned": _words("scanned", 2000), "place": "simulator"}).encode()
        credentials = {"Authorization": f"Bearer {officer_key}", "Content-Type": "application/json"}
        if language := request.headers.get("Accept-Language"):
            credentials["Accept-Language"] = language
        answer = poster.call("POST", "/api/v1/verify", credentials, asked)
        return jsonify(status=answer.status, answer=answer.content)


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        abort(400)
    return sent


def _words(name: str, longest: int) -> str:
    value = _sent().get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        abort(400)
    return value


def _phone() -> str:
    phone = _words("phone", 20)
    if _PHONE.fullmatch(phone) is None:
        abort(400)
    return phone


def _is_zalo() -> bool:
    return _words("network", 10) == "zalo"


def _language() -> str:
    return "en" if _words("language", 5) == "en" else "vi"


def _call() -> UssdCall:
    return UssdCall(_words("session", 80), _phone(), _words("history", 4000))
