"""Showing what nobody dialled for, through a stand-in for the Mobicents gateway."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.errors import SendLater, SendNever
from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose
from ussd.mobicents_push import MobicentsPush

COOKIE = "JSESSIONID=abc123"


class Gateway:
    """Opens a dialog by a notice, and closes it by an empty one in the same session."""

    def __init__(self, server: HTTPServer, answer: str) -> None:
        self.answer = answer
        self.notices: list[ElementTree.Element] = []
        self.closed: list[str] = []
        server.expect_request("/restcomm", method="POST").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        if request.headers["Content-Type"] != "text/xml":  # it compares the whole header
            return Response(status=500)
        dialog = ElementTree.fromstring(request.get_data())
        assert dialog.tag == "dialog"
        if not list(dialog):
            self.closed.append(request.headers.get("Cookie", ""))
            return Response(status=200)
        self.notices.append(dialog)
        answer = Response(self.answer)
        answer.headers.add("Set-Cookie", "route=n1; Path=/")
        answer.headers.add("Set-Cookie", f"{COOKIE}; Path=/")
        return answer


SHOWN = """<dialog type="Continue" localId="1" remoteId="2" mapMessagesSize="1">
  <localAddress pc="1" ssn="8"><ai value="67"/></localAddress><errComponents/>
  <unstructuredSSNotify_Response invokeId="1"/></dialog>"""


def error(kind: str, code: int) -> str:
    """What the gateway answers when the network refuses."""
    return (
        '<dialog type="End" networkId="0" mapMessagesSize="0"><errComponents><invokeId value="1"/>'
        f'<errorComponent type="{kind}" errorCode="{code}"/></errComponents></dialog>'
    )


def notice(text: str) -> Outgoing:
    return Outgoing(
        "key-1", Address("phone", "+84912345678"), Channel.USSD, Page(text), Purpose.REMINDER
    )


@pytest.mark.parametrize(("text", "coding"), [("Mot\n<Cua>", "15"), ("Một Cửa", "72")])
def test_a_notice_is_shown_and_the_dialog_closed(
    httpserver: HTTPServer, text: str, coding: str
) -> None:
    gateway = Gateway(httpserver, SHOWN)
    sent = MobicentsPush(httpserver.url_for("/restcomm")).send(notice(text))
    assert sent.segments == 1
    (dialog,) = gateway.notices
    (request,) = dialog
    assert request.tag == "unstructuredSSNotify_Request"
    assert (request.get("string"), request.get("dataCodingScheme")) == (text, coding)
    (msisdn,) = request
    assert msisdn.get("number") == "84912345678"
    assert gateway.closed == [COOKIE]


@pytest.mark.parametrize(
    "answer",
    [
        '<dialog type="Abort" mapUserAbortChoice="userResourceLimitation"/>',
        '<dialog type="Continue" dialogTimedOut="true"/>',
        '<dialog type="Unknown" mapRefuseReason="NoReasonGiven"><errComponents/></dialog>',
        error("MAPErrorMessageAbsentSubscriberSM", 6),
        error("MAPErrorMessageExtensionContainer", 72),
        "<dialog><other/></dialog>",
        "busy",
        "",
    ],
)
def test_a_handset_that_is_busy_is_tried_later(httpserver: HTTPServer, answer: str) -> None:
    gateway = Gateway(httpserver, answer)
    with pytest.raises(SendLater):
        MobicentsPush(httpserver.url_for("/restcomm")).send(notice("Mot Cua"))
    assert gateway.closed == []


def test_a_number_that_the_network_does_not_know_is_not_tried_again(httpserver: HTTPServer) -> None:
    Gateway(httpserver, error("MAPErrorMessageUnknownSubscriber", 1))
    with pytest.raises(SendNever, match="MAP 1 unknown subscriber"):
        MobicentsPush(httpserver.url_for("/restcomm")).send(notice("Mot Cua"))


def test_what_does_not_fit_one_page_is_never_shown(httpserver: HTTPServer) -> None:
    gateway = Gateway(httpserver, SHOWN)
    with pytest.raises(SendNever):
        MobicentsPush(httpserver.url_for("/restcomm")).send(notice("a" * 161))
    assert gateway.notices == []


def test_a_gateway_that_is_away_is_tried_later() -> None:
    with pytest.raises(SendLater):
        MobicentsPush("http://127.0.0.1:9/restcomm").send(notice("Mot Cua"))
