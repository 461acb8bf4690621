"""The same day through every aggregator's wire, and through none of them differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway.ussd_lines import PAGES
from tests.core.house import House
from tests.ussd.wires import (
    CODE,
    WIRES,
    AfricasTalkingWire,
    Hop,
    JunebugWire,
    NaloWire,
    Reply,
    Request,
    Wire,
)
from ussd.aggregators import aggregators
from ussd.aggregators.junebug import Junebug
from ussd.aggregators.kannel import Kannel
from ussd.aggregators.port import Aggregator
from ussd.app import Door
from ussd.pages import UssdVoice

TRANSCRIPT = Path(__file__).with_name("transcript.txt")
SECRET = "secret-of-the-transcript"


def lines() -> Iterator[tuple[str, str]]:
    for line in TRANSCRIPT.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            what, _, words = line.partition(" ")
            yield what, words


@dataclass
class Telephone:
    """A phone on one network's wire, and every screen that it has shown."""

    wire: Wire
    client: FlaskClient
    house: House
    hop: Hop = field(default_factory=Hop)
    screens: list[str] = field(default_factory=list)
    open: bool = False
    calls: int = 0

    def dials(self, ahead: str) -> None:
        self.calls += 1
        self.hop = Hop((), f"s{self.calls}", ahead=ahead)
        self._ask()

    def types(self, said: str) -> None:
        assert self.open, self.screens[-1]
        # Somebody who types needs a moment: networks without numbers tell repeats by that.
        self.house.passes(seconds=3)
        self.hop = replace(self.hop, said=(*self.hop.said, said))
        self._ask()

    def leaves(self) -> None:
        news = self.wire.leave(self.hop)
        if news is not None:
            assert self._send(news).status_code == 200
        self.open = False
        self.house.passes(minutes=5)

    def sees(self, words: str) -> None:
        """They stand on the page that is shown, or on one after it."""
        while words not in self.screens[-1] and "\n98 " in self.screens[-1]:
            self.types("98")
        assert words in self.screens[-1], f"{words!r} is not on the screen:\n{self.screens[-1]}"

    def _ask(self) -> None:
        answer = self._send(self.wire.ask(self.hop))
        text = answer.get_data(as_text=True)
        kind = answer.headers["Content-Type"]
        reply = Reply(answer.status_code, kind, text, dict(answer.headers))
        screen, self.open = self.wire.shown(reply)
        self.screens.append(screen)
        assert answer.status_code == 200

    def _send(self, request: Request):  # type: ignore[no-untyped-def]
        place = f"/ussd/{self.wire.name}/{SECRET}" + (f"/{request.path}" if request.path else "")
        return self.client.open(place, **request.named())


def played(wire: Wire, limit: int = 160) -> tuple[list[str], House]:
    """Every screen of the transcript on this wire, of so many septets each."""
    house = House()
    channel = wire if isinstance(wire, JunebugWire) else JunebugWire()
    known: tuple[Aggregator, ...] = (
        *aggregators(CODE),
        Junebug(CODE, token=channel.token, post=channel.take),
        Kannel(service_code=CODE),
    )
    app = Flask(__name__)
    app.wsgi_app = Door(  # type: ignore[method-assign]
        app.wsgi_app,
        engine=house.engine,
        voice=UssdVoice(limit=limit),
        secrets={one.name: SECRET for one in known},
        aggregators=known,
    )
    phone = Telephone(wire, app.test_client(), house)
    for what, words in lines():
        match what:
            case "dials":
                phone.dials(words)
            case "types":
                phone.types(words)
            case "leaves":
                phone.leaves()
            case "sees":
                phone.sees(words)
            case _:
                raise AssertionError(f"the transcript has a line nobody can play: {what}")
    return phone.screens, house


def reference() -> list[str]:
    return played(AfricasTalkingWire())[0]


@pytest.mark.parametrize("wire", WIRES, ids=lambda one: one.name)
def test_the_same_day_gives_the_same_screens(wire: type[Wire]) -> None:
    screens, house = played(wire())
    assert screens == reference()
    assert len(house.platforms.declared) == 1
    assert all(len(screen) <= 160 for screen in screens)


def test_the_transcript_is_whole() -> None:
    kinds = [what for what, _ in lines()]
    assert kinds.count("sees") >= 20
    assert kinds.count("leaves") >= 2


def test_a_network_of_small_pages_has_the_same_day_on_more_of_them() -> None:
    screens, house = played(NaloWire(), limit=PAGES[NaloWire.name])
    assert len(screens) > len(reference())
    assert all(len(screen) <= 120 for screen in screens)
    assert len(house.platforms.declared) == 1
