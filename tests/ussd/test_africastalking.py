"""Africa's Talking: the contract, and what is its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.message import Inbound
from tests.core.house import House
from tests.fakes import PHONE
from tests.talk import Handset, through
from tests.ussd.contract import SECRET, UssdContract, Watched
from tests.ussd.wires import AfricasTalkingWire, Hop, form
from ussd.aggregators.africastalking import AfricasTalking
from ussd.app import Door
from ussd.pages import UssdVoice

URL = f"/ussd/africastalking/{SECRET}"


class TestAfricasTalking(UssdContract):
    aggregator = AfricasTalking()
    wire = AfricasTalkingWire()

    # The end-of-session notice

    def notice(self, **changes: str) -> dict[str, Any]:
        told = {
            **self.wire._fields(Hop()),
            "date": "2026-11-23 08:30:00",
            "status": "Incomplete",
            "cost": "KES 0.10",
            "durationInMillis": "5000",
            "hopsCount": "2",
            "input": "1*079190012345",
            "lastAppResponse": "CON Nguyen Thi Hong",
        }
        return form({**told, **changes}, "notice").named()

    def test_the_news_that_somebody_left_changes_nothing(
        self, client: FlaskClient, watched: Watched, house: House, log: Any
    ) -> None:
        self.asks(client)
        stored = dict(house.sessions.stored)
        log.truncate(0)
        answer = client.open(f"{URL}/notice", **self.notice())
        assert (answer.status_code, answer.data) == (200, b"")
        assert watched.turns[-1].event == "close"
        assert house.sessions.stored == stored
        line = log.getvalue().strip("\0\n")
        assert json.loads(line)["ended"] == "Incomplete"
        assert "Nguyen" not in line
        assert "079190012345" not in line

    def test_an_ending_we_have_never_heard_of_is_not_repeated(
        self, client: FlaskClient, log: Any
    ) -> None:
        client.open(f"{URL}/notice", **self.notice(status=PHONE))
        assert json.loads(log.getvalue())["ended"] == "unknown"

    def test_the_notice_needs_the_secret_too(self, client: FlaskClient) -> None:
        assert client.open("/ussd/africastalking/x/notice", **self.notice()).status_code == 403

    def test_hops_come_by_post_only(self, client: FlaskClient) -> None:
        assert client.get(URL).status_code == 405

    # What is read

    @pytest.mark.parametrize(
        ("number", "read"),
        [
            ("+84912345678", "+84912345678"),
            (" 84912345678", "+84912345678"),
            ("+254711000111", "+254711000111"),
        ],
    )
    def test_numbers_of_any_country_are_read(
        self, client: FlaskClient, watched: Watched, number: str, read: str
    ) -> None:
        self.asks(client, phone=number)
        assert watched.turns[0].address.value == read

    @pytest.mark.parametrize("number", ["", "abc", "+84", "113", "x" * 300, "+84912345678;x"])
    def test_what_is_no_number_is_refused(
        self, client: FlaskClient, watched: Watched, number: str
    ) -> None:
        self.refused(self.asks(client, phone=number), 400, watched)

    def test_a_name_with_accents_and_stars_is_read_as_typed(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        self.asks(client, "Đặng*Thị")
        heard: Inbound = watched.turns[0]
        assert heard.history == "Đặng*Thị"
        assert heard.hop == "h:Đặng*Thị"


@pytest.fixture
def phone() -> Handset:
    app = Flask(__name__)
    app.wsgi_app = Door(  # type: ignore[method-assign]
        app.wsgi_app,
        aggregators=(AfricasTalking(),),
        engine=House().engine,
        voice=UssdVoice(),
        secrets={"africastalking": SECRET},
    )
    return Handset(through(app.test_client()), ussd=URL)


def test_a_mother_links_and_reads_her_short_code(phone: Handset) -> None:
    phone.dials("*1022#").sees("9 English").types("9").sees("9 Tieng Viet")
    phone.types("1", "1", "079190012345").repeats().sees("year")
    phone.types("1990").reads_on().sees("1234 5678 1101")


def test_a_dropped_session_is_offered_again_on_the_next_call(phone: Handset) -> None:
    phone.dials("*1022#").types("9", "1").hangs_up()
    phone.dials("*1022#").sees("1 ", "2 ")
    phone.types("1").sees("1 I agree")


def test_a_shortcut_in_the_dialled_code_leads_straight_there(phone: Handset) -> None:
    phone.dials("*1022*9*8#").sees_not("9 Tieng Viet")
    phone.types("00").sees("9 Tieng Viet")


def test_a_star_inside_an_answer_belongs_to_the_answer(phone: Handset) -> None:
    phone.dials("*1022#").types("9", "1", "1").sees("Type your CCCD")
    phone.types("07919*0012345").sees("Type")
    phone.types("079190012345").sees("year")
