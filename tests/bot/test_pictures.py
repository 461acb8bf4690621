"""The address at which a network fetches a picture: shown as it is, kept by nobody."""

from __future__ import annotations

from flask import Flask

from bot.app import blueprint
from core.qr.image import png


def test_a_picture_is_shown_and_kept_by_nobody() -> None:
    asked: list[tuple[str, bool]] = []

    def picture(name: str, look: bool) -> bytes | None:
        asked.append((name, look))
        return png("0123") if name == "known" else None

    app = Flask(__name__)
    app.register_blueprint(blueprint([], picture=picture))
    client = app.test_client()
    shown = client.get("/bot/qr/known.png")
    assert (shown.status_code, shown.mimetype, shown.data) == (200, "image/png", png("0123"))
    assert shown.headers["Cache-Control"] == "no-store"
    assert client.head("/bot/qr/known.png").status_code == 200
    unknown = client.get("/bot/qr/unknown.png")
    assert (unknown.status_code, unknown.data) == (404, b"nothing here")
    assert unknown.headers["Cache-Control"] == "no-store"
    assert client.post("/bot/qr/known.png").status_code == 405
    assert client.get("/bot/qr/known").status_code == 404
    assert asked == [("known", False), ("known", True), ("unknown", False)]
