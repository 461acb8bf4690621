"""Every aggregator passes the contract, and has its own spellings."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.message import Page
from tests.core.house import House
from tests.fakes import PHONE
from tests.ussd import wires
from tests.ussd.contract import UssdContract, Watched
from tests.ussd.wires import CODE, Hop, Reply, posted
from ussd.aggregators import aggregators
from ussd.aggregators.airtel import Airtel
from ussd.aggregators.arkesel import Arkesel
from ussd.aggregators.beem import Beem
from ussd.aggregators.hubtel import Hubtel
from ussd.aggregators.infobip import Infobip
from ussd.aggregators.mobicents import XML, Mobicents
from ussd.aggregators.moolre import Moolre
from ussd.aggregators.nalo import Nalo
from ussd.aggregators.safaricom import Safaricom


class TestSafaricom(UssdContract):
    aggregator = Safaricom()
    wire = wires.SafaricomWire()


class TestAirtel(UssdContract):
    aggregator = Airtel(CODE)
    wire = wires.AirtelWire()

    def test_an_answer_that_looks_like_the_code_of_another_service_is_an_answer(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        self.asks(client)
        self.asks(client, "10221")
        assert watched.turns[-1].event == "resume"
        assert watched.turns[-1].said == ("10221",)


class TestInfobip(UssdContract):
    aggregator = Infobip(CODE)
    wire = wires.InfobipWire()
    always_200 = True

    def test_it_may_ask_whether_a_session_lives(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        request = wires.Request("session/s1/status", "GET")
        assert self.sends(client, request).json == {
            "sessionActive": True, "responseExitCode": 200, "responseMessage": "",
        }  # fmt: skip
        assert watched.turns == []

    def test_an_end_is_acknowledged(self, client: FlaskClient, watched: Watched) -> None:
        request = posted({"reason": "ok", "exitCode": 0}, "session/s1/end", "PUT")
        assert self.sends(client, request).json == {"responseExitCode": 200, "responseMessage": ""}
        assert watched.turns == []

    @pytest.mark.parametrize("path", ["session", "session/s1", "session//start", "session/s1/go"])
    def test_there_are_no_other_addresses(self, client: FlaskClient, path: str) -> None:
        assert self.sends(client, self.first(path=path)).status_code == 404

    def test_started_twice_it_shows_the_first_page_again(self, client: FlaskClient) -> None:
        assert self.asks(client).data == self.asks(client).data

    def test_trouble_is_told_inside_of_a_good_answer(self, client: FlaskClient) -> None:
        answer = self.sends(client, self.wire.ask(Hop(), without="msisdn"))
        assert answer.status_code == 200
        told = answer.json
        assert told is not None
        assert told["responseExitCode"] == 400
        assert told["shouldClose"] is True


class TestHubtel(UssdContract):
    aggregator = Hubtel(CODE)
    wire = wires.HubtelWire()

    def numbered(self, number: object, said: str) -> wires.Request:
        fields = {**wires.HubtelWire()._fields(Hop((said,))), "Sequence": number}
        return posted(fields)

    def test_a_hop_with_an_older_number_changes_nothing(
        self, client: FlaskClient, house: House
    ) -> None:
        self.asks(client)
        self.sends(client, self.numbered(2, "8"))
        now = self.sends(client, self.numbered(3, "0"))
        stored = dict(house.sessions.stored)
        late = self.sends(client, self.numbered(2, "8"))
        assert late.data == now.data
        assert house.sessions.stored == stored

    def test_the_same_key_twice_is_two_answers(self, client: FlaskClient, house: House) -> None:
        self.asks(client)
        one = self.sends(client, self.numbered(2, "9"))
        two = self.sends(client, self.numbered(3, "9"))
        assert "9 Tieng Viet" in self.shown(one)[0]
        assert "9 English" in self.shown(two)[0]

    @pytest.mark.parametrize("kind", ["Release", "release", "TIMEOUT", "Timeout"])
    def test_types_are_spelled_in_either_case(
        self, client: FlaskClient, watched: Watched, kind: str
    ) -> None:
        self.asks(client)
        told = {**wires.HubtelWire()._fields(Hop()), "Type": kind, "Message": ""}
        assert self.sends(client, posted(told)).json == {}
        assert watched.turns[-1].event == "close"

    def test_its_own_service_code_may_hold_stars(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        told = {
            **wires.HubtelWire()._fields(Hop()),
            "ServiceCode": "711*2",
            "Message": "*711*2*9*8#",
        }
        self.sends(client, posted(told))
        assert watched.turns[-1].said == ("9", "8")

    def test_a_release_without_a_number_is_news(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        self.asks(client)
        told = {**wires.HubtelWire()._fields(Hop()), "Type": "Release", "Message": None}
        del told["Sequence"]
        assert self.sends(client, posted(told)).json == {}
        assert watched.turns[-1].event == "close"

    @pytest.mark.parametrize("number", ["x", -1, 1.5, "1e9", 10**12, "", None])
    def test_a_number_that_is_none_is_refused(
        self, client: FlaskClient, watched: Watched, number: object
    ) -> None:
        self.refused(self.sends(client, self.numbered(number, "1")), 400, watched)

    def test_a_kind_nobody_knows_is_refused(self, client: FlaskClient, watched: Watched) -> None:
        told = {**wires.HubtelWire()._fields(Hop()), "Type": "AddToCart"}
        self.refused(self.sends(client, posted(told)), 400, watched)


class TestNalo(UssdContract):
    aggregator = Nalo(CODE)
    wire = wires.NaloWire()

    def test_without_a_session_the_telephone_is_the_session(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        for hop in (Hop(), Hop(("9",))):
            answer = self.sends(client, self.wire.ask(hop, without="SESSIONID"))
        assert "9 Tieng Viet" in self.shown(answer)[0]
        assert {turn.wire for turn in watched.turns} == {"telephone"}

    def test_msgtype_means_something_else_on_the_way_out(self, client: FlaskClient) -> None:
        read = self.asks(client).json
        assert read is not None
        assert read["MSGTYPE"] is True
        assert read["USERID"] == "NALOTest"


class TestArkesel(UssdContract):
    aggregator = Arkesel(CODE)
    wire = wires.ArkeselWire()


class TestBeem(UssdContract):
    aggregator = Beem(CODE)
    wire = wires.BeemWire()


class TestMoolre(UssdContract):
    aggregator = Moolre(CODE)
    wire = wires.MoolreWire()


class TestMobicents(UssdContract):
    aggregator = Mobicents(CODE)

    @pytest.fixture(autouse=True)
    def _fresh(self) -> None:
        self.wire = wires.MobicentsWire()

    wire = wires.MobicentsWire()

    def test_the_last_answer_names_the_first_request(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        self.shown(self.asks(client))
        watched.fails = RuntimeError("trouble")
        said = self.asks(client, "9").get_data(as_text=True)
        assert 'prearrangedEnd="false"' in said
        assert '<processUnstructuredSSRequest_Response invokeId="1"' in said

    def test_a_page_is_coded_as_its_letters_need(self) -> None:
        plain = self.aggregator.write(Page("Mot\nCua")).text
        assert 'dataCodingScheme="15" string="Mot&#10;Cua"' in plain
        marked = self.aggregator.write(Page("Một <Cửa> & \"'")).text
        assert 'dataCodingScheme="72"' in marked
        assert self.wire.shown(Reply(200, XML, marked)) == ("Một <Cửa> & \"'", True)

    def test_the_caller_is_brought_back(self, client: FlaskClient, watched: Watched) -> None:
        self.shown(self.asks(client))
        request = self.wire.ask(Hop(("9",)))
        assert b"msisdn" not in request.body
        self.sends(client, request)
        assert watched.turns[-1].address.value == PHONE

    @pytest.mark.parametrize("named", ["msisdn", "originationReference"])
    def test_the_caller_stands_in_the_message_or_at_the_dialogs_origin(
        self, client: FlaskClient, watched: Watched, named: str
    ) -> None:
        request = self.first()
        other = {"msisdn": b"originationReference", "originationReference": b"msisdn"}[named]
        body = request.body.replace(b"<" + other, b"<somebody").replace(
            b"</" + other, b"</somebody"
        )
        self.shown(self.sends(client, replace(request, body=body)))
        assert watched.turns[-1].address.value == PHONE

    def test_a_gateway_that_numbers_every_answer_alike_goes_on(
        self, client: FlaskClient, house: House
    ) -> None:
        self.shown(self.asks(client))
        first = self.shown(self.sends(client, self.wire.ask(Hop(("9",)))))
        second = self.shown(self.sends(client, self.wire.ask(Hop(("8",)))))
        assert first != second

    @pytest.mark.parametrize(
        "over",
        ["mapAbortProviderReason", "mapRefuseReason", "dialogTimedOut", "invokeTimedOut"],
    )
    def test_a_dialog_that_ended_is_news(
        self, client: FlaskClient, watched: Watched, over: str
    ) -> None:
        self.shown(self.asks(client))
        known = f'localId="s1" remoteId="1" userObject="{PHONE[1:]};1" {over}="true"'
        body = f'<dialog type="Continue" {known}/>'.encode()
        answer = self.sends(client, self.first(body=body))
        assert answer.get_data(as_text=True) == (
            '<dialog mapMessagesSize="0" prearrangedEnd="false"/>'
        )
        assert watched.turns[-1].trace["ended"] == over


@pytest.mark.parametrize("one", [Safaricom, Airtel, Beem, Moolre, Arkesel, Nalo])
def test_one_more_of_a_known_family_takes_few_lines(one: type[Any]) -> None:
    source = Path(inspect.getfile(one)).read_text(encoding="utf-8")
    written = [line for line in source.splitlines() if line.strip() and "import" not in line]
    assert len(written) < 40


def test_names_are_all_different() -> None:
    names = [one.name for one in aggregators(CODE)]
    assert len(names) == len(set(names)) == 10
