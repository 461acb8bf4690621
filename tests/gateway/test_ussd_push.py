"""Notices shown as USSD messages through a gateway's stand-in, and as texts where that fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from core.clock import now
from core.gsm import unaccent
from core.message import Address, Channel, Page
from core.outbox.dispatcher import Dispatcher
from core.outbox.outgoing import Outgoing, Purpose
from core.store.tables import outgoing
from gateway import wiring
from gateway.outbound import conduct
from gateway.senders import senders
from tests.core.outbox.provider import carry
from tests.gateway.conftest import a_house
from tests.ussd.test_mobicents_push import SHOWN, Gateway, error

PHONE = "+84912345678"


class Line:
    """An operator: the USSD gateway shows, Kannel texts."""

    def __init__(self, server: HTTPServer) -> None:
        self.ussd = Gateway(server, SHOWN)
        self.texts: list[str] = []
        server.expect_request("/sendsms").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        self.texts.append(request.args["text"])
        return Response("0: Accepted for delivery", status=202)

    @property
    def shown(self) -> list[str]:
        return [_string(one) for one in self.ussd.notices]


def _string(dialog: ElementTree.Element) -> str:
    return dialog[0].attrib["string"]


@pytest.fixture
def line(httpserver: HTTPServer) -> Line:
    return Line(httpserver)


@pytest.fixture
def house(
    fresh_database_url: str,
    clean_redis: str,
    sandbox: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    httpserver: HTTPServer,
) -> Iterator[wiring.House]:
    monkeypatch.setenv("MOTCUA_USSD_PUSH", "result, ticket")
    monkeypatch.setenv("MOTCUA_QUIET_HOURS", "campaign 20:00-08:00")
    monkeypatch.setenv("MOTCUA_MOBICENTS_PUSH_URL", httpserver.url_for("/restcomm"))
    monkeypatch.setenv("MOTCUA_KANNEL_URL", httpserver.url_for("/sendsms"))
    monkeypatch.setenv("MOTCUA_KANNEL_USERNAME", "u")
    monkeypatch.setenv("MOTCUA_KANNEL_PASSWORD", "p")
    monkeypatch.setenv("MOTCUA_KANNEL_FROM", "1022")
    with a_house(monkeypatch, tmp_path, fresh_database_url, clean_redis, sandbox) as built:
        yield built


def sends(house: wiring.House, text: str, purpose: Purpose = Purpose.RESULT) -> list[str]:
    """Puts a notice in and works until nothing is due; the channels and statuses of all."""
    notice = Outgoing(text, Address("phone", PHONE), Channel.SMS, Page(text), purpose)
    with house.database.begin() as connection:
        house.outbox.put(connection, notice)
    carriers = senders(house)
    dispatcher = Dispatcher(house.outbox, carriers, now, conduct(house, carriers))
    while claimed := house.outbox.claim(10):
        for one in claimed:
            carry(dispatcher, one)
    with house.database.begin() as connection:
        rows = connection.execute(select(outgoing).order_by(outgoing.c.seq)).all()
    return [f"{row.channel} {row.status} {row.provider}" for row in rows]


def test_a_notice_is_shown_and_not_texted(house: wiring.House, line: Line) -> None:
    assert sends(house, "Da co ket qua.") == ["ussd sent mobicents"]
    assert (line.shown, line.texts) == (["Da co ket qua."], [])


def test_what_is_not_listed_goes_as_a_text(house: wiring.House, line: Line) -> None:
    assert sends(house, "Nhac lich tiem.", Purpose.CODE) == ["sms sent kannel"]
    assert (line.shown, line.texts) == ([], ["Nhac lich tiem."])


@pytest.mark.parametrize("text", ["a" * 161, "Đã có kết quả xét nghiệm. " * 4])
def test_what_does_not_fit_a_page_goes_as_a_text(
    house: wiring.House, line: Line, text: str
) -> None:
    assert sends(house, text) == ["sms sent kannel"]
    assert line.shown == []
    assert sends(house, unaccent(text)[:160])[-1] == "ussd sent mobicents"


def test_refused_by_the_network_it_goes_as_a_text(house: wiring.House, line: Line) -> None:
    line.ussd.answer = error("MAPErrorMessageUnknownSubscriber", 1)
    assert sends(house, "Da co ket qua.") == ["sms sent kannel"]
    assert line.texts == ["Da co ket qua."]


def test_a_handset_that_stays_busy_gets_a_text(house: wiring.House, line: Line) -> None:
    line.ussd.answer = error("MAPErrorMessageUssdBusy", 72)
    assert sends(house, "Da co ket qua.") == ["ussd queued None"]
    for _try in range(2):
        with house.database.begin() as connection:
            connection.execute(outgoing.update().values(not_before=now()))
        told = sends(house, "Da co ket qua.")
    assert told == ["sms sent kannel"]
    assert line.texts == ["Da co ket qua."]


def test_without_a_line_nothing_sets_out_as_ussd(
    monkeypatch: pytest.MonkeyPatch,
    fresh_database_url: str,
    clean_redis: str,
    sandbox: str,
    tmp_path: Path,
    line: Line,
    httpserver: HTTPServer,
) -> None:
    monkeypatch.setenv("MOTCUA_USSD_PUSH", "result")
    monkeypatch.setenv("MOTCUA_KANNEL_URL", httpserver.url_for("/sendsms"))
    monkeypatch.setenv("MOTCUA_KANNEL_USERNAME", "u")
    monkeypatch.setenv("MOTCUA_KANNEL_PASSWORD", "p")
    monkeypatch.setenv("MOTCUA_KANNEL_FROM", "1022")
    with a_house(monkeypatch, tmp_path, fresh_database_url, clean_redis, sandbox) as house:
        assert sends(house, "Da co ket qua.") == ["sms sent kannel"]
