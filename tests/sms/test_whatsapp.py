"""WhatsApp through Twilio: the same conversation in full letters, answered by numbers."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from core.errors import Down, SendLater, SendNever
from core.gsm import fold, ucs2_units
from core.message import Address, Channel, Option, Page, Screen
from core.outbox.outgoing import Outgoing, Purpose, Status
from core.screens import every_screen, words_of
from core.store.database import Database
from core.store.inbox import Inbox
from core.text import LANGUAGES, plain
from gateway.hearing import Hearing
from sms.providers.twilio import Twilio
from sms.providers.twilio_sender import DECISIONS, TwilioSender
from sms.texts import SmsVoice
from sms.whatsapp import LONGEST, WhatsAppVoice
from tests.core.house import House
from tests.fakes import PHONE
from tests.sms.calls import OURS, PUBLIC
from tests.sms.house import Asked, CalledHouse, Watched
from tests.sms.outcomes import OUTCOME
from tests.sms.senders import PASSWORD, outgoing
from tests.sms.test_twilio import OWN, TOKEN, read, signed
from tests.sms.test_twilio_sender import ACCOUNT, error

SENDER = "+14155238886"
TEMPLATE = "HX" + "a" * 32


def written(text: str, *, id: str, account: str = PHONE, **more: str) -> Asked:
    fields = {
        **OWN,
        "Body": text,
        "From": f"whatsapp:{account}",
        "To": f"whatsapp:{SENDER}",
        "MessageSid": id,
        "ProfileName": "Hường 🌸",
        "WaId": account.lstrip("+"),
        **more,
    }
    return signed("/sms/twilio/message", fields)


class TestWhatsApp(CalledHouse):
    provider = Twilio(auth_token=TOKEN, public_url=PUBLIC, ours=OURS)

    @pytest.fixture
    def client(self, parts: dict[str, Any]) -> FlaskClient:
        return self.make_client({**parts, "voices": {"whatsapp": WhatsAppVoice()}})

    def says(self, client: FlaskClient, text: str, account: str = PHONE, **more: str) -> str:
        """What is answered, in the one message of the TwiML."""
        asked = written(text, id=self.new_id(), account=account, **more)
        answer = self.call(client, asked)
        assert answer.status_code == 200
        return "".join(one.text or "" for one in ElementTree.fromstring(answer.data))

    def test_a_whole_conversation_by_numbers(self, client: FlaskClient) -> None:
        assert "1. Đồng ý" in self.says(client, "QR")
        assert "CCCD" in self.says(client, "1")
        assert "sinh năm nào" in self.says(client, "079190012345")
        shown = self.says(client, "1990")
        assert "1234 5678 1101" in shown, "the number is known: nobody is asked to share it"
        assert "1. Mã của Bảo Trâm" in shown
        assert "00. Menu" in shown

    def test_it_is_heard_as_a_chat_of_that_number(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        account = self.new_phone()
        self.says(client, "menu", account)
        (heard,) = watched.turns
        assert heard.address == Address("whatsapp", account)
        assert heard.address.phone == account
        assert (heard.channel, heard.provider, heard.wire) == (Channel.CHAT, "whatsapp", "whatsapp")

    def test_an_account_that_hides_its_number_is_no_phone(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        assert "1. " in self.says(client, "menu", "VN.1234567890")
        assert watched.turns[0].address == Address("whatsapp", "VN.1234567890")
        assert watched.turns[0].address.phone is None

    @pytest.mark.parametrize("account", ["", "+", "+1", "+84abc", "+849123456789012345"])
    def test_who_cannot_be_read_is_refused(
        self, client: FlaskClient, database: Database, account: str
    ) -> None:
        answer = self.call(client, written("menu", id=self.new_id(), account=account))
        assert (answer.status_code, answer.data) == (400, b"Bad request: From")
        assert self.counts(database) == (0, 0)

    def test_our_own_number_is_not_answered(self, client: FlaskClient) -> None:
        assert self.says(client, "menu", SENDER) == ""

    def test_a_picture_alone_is_answered_by_what_can_be_written(self, client: FlaskClient) -> None:
        picture = {"NumMedia": "1", "MediaUrl0": "https://media.example/1"}
        assert self.says(client, "", self.new_phone(), **picture)

    def test_a_turn_that_failed_is_answered_by_a_worker_on_whatsapp(
        self, client: FlaskClient, watched: Watched, inbox: Inbox
    ) -> None:
        watched.fails = Down("fhir")
        account = self.new_phone()
        assert self.says(client, "menu", account) == ""
        (waiting,) = inbox.claim(1000)
        hearing = Hearing(
            House().engine,
            {"twilio": SmsVoice(), "whatsapp": WhatsAppVoice()},
            SmsVoice(),
            House().platforms,
        )
        (answer,) = hearing.hear(waiting)
        assert (answer.address, answer.channel) == (Address("whatsapp", account), Channel.CHAT)
        assert "1. Mã QR" in answer.page.text

    def test_that_it_was_read_means_that_it_arrived(self) -> None:
        path, arguments = signed(
            "/sms/twilio/receipt", {"MessageSid": "SM1", "MessageStatus": "read"}
        )
        receipt = self.provider.read_receipt(read(path, arguments))
        assert receipt is not None
        assert receipt.status is Status.DELIVERED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_whole_and_fits(language: str) -> None:
    voice = WhatsAppVoice()
    shown = list(every_screen())
    assert len(shown) > 150
    for one in shown:
        pages = voice.pages(one.screen, language=language)
        assert all(0 < ucs2_units(page.text) <= LONGEST for page in pages)
        assert not any(page.buttons for page in pages)
        said = " ".join(fold(page.text) for page in pages)
        wanted = words_of(one.screen, whole=one.screen.qr is None)
        missing = [
            word for line in wanted for word in fold(line.to(language)).split() if word not in said
        ]
        assert missing == [], one
        options = (*one.screen.options, *one.screen.ways)
        lines = "\n".join(page.text for page in pages).splitlines()
        assert all(any(line.startswith(f"{o.number}. ") for line in lines) for o in options), one


def test_what_is_too_long_goes_on_with_98() -> None:
    voice = WhatsAppVoice(longest=200)
    screen = Screen(plain("chữ " * 120), options=(Option("yes", "1", plain("Có")),))
    pages = voice.pages(screen, language="vi")
    assert len(pages) > 2
    assert all("98" in page.text for page in pages[:-1])
    assert pages[-1].text.endswith("1. Có")


# Sending


def message(text: str, purpose: Purpose = Purpose.REPLY) -> Outgoing:
    return Outgoing("key-1", Address("whatsapp", PHONE), Channel.CHAT, Page(text), purpose)


class Provider:
    """Twilio with WhatsApp: free words only while the window is open, templates at any time."""

    def __init__(self, server: HTTPServer, *, open: bool = True) -> None:
        self.open = open
        self.taken: list[dict[str, str]] = []
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        server.expect_request(path).respond_with_handler(self.answer)
        self.base = server.url_for("")

    def sender(self, template: str = "", service: str = "") -> TwilioSender:
        return TwilioSender(
            account_sid=ACCOUNT,
            auth_token=PASSWORD,
            sender="YTE",
            public_url=PUBLIC,
            api_url=self.base,
            whatsapp_sender=SENDER,
            whatsapp_template=template,
            messaging_service_sid=service,
        )

    def answer(self, request: Request) -> Response:
        fields = request.form.to_dict()
        chat = [fields.get(name, "").startswith("whatsapp:") for name in ("From", "To")]
        if any(chat) and not all(chat):
            return Response(error(21910), 400)
        if sum(name in fields for name in ("Body", "ContentSid")) != 1:
            return Response(error(21619), 400)
        if "ContentSid" in fields:
            if fields["ContentSid"] != TEMPLATE:
                return Response(error(50526), 400)
            words = json.loads(fields["ContentVariables"])["1"]
            if not words or "\n" in words or "    " in words:
                return Response(error(63013), 400)
            if len(words) > 1024:
                return Response(error(63021), 400)
        elif all(chat) and not self.open:
            return Response(error(63016), 400)
        self.taken.append(fields)
        sid = {"sid": "SM" + "1" * 32, "num_segments": "1", "status": "queued"}
        return Response(json.dumps(sid), 201, content_type="application/json")


def test_an_answer_goes_in_free_words(httpserver: HTTPServer) -> None:
    twilio = Provider(httpserver)
    sent = twilio.sender().send(message("Kết quả:\n1. Âm tính 😀"))
    (taken,) = twilio.taken
    assert (taken["From"], taken["To"]) == (f"whatsapp:{SENDER}", f"whatsapp:{PHONE}")
    assert taken["Body"] == "Kết quả:\n1. Âm tính 😀"
    assert message("").id in taken["StatusCallback"]
    assert sent.provider_ref == "SM" + "1" * 32


def test_a_closed_window_without_a_template_is_for_another_channel(httpserver: HTTPServer) -> None:
    with pytest.raises(SendLater) as caught:
        Provider(httpserver, open=False).sender().send(message("Kết quả"))
    assert caught.value.words == "63016"
    assert OUTCOME[DECISIONS[63016]] is SendLater


def test_a_closed_window_with_a_template_is_none(httpserver: HTTPServer) -> None:
    twilio = Provider(httpserver, open=False)
    twilio.sender(TEMPLATE).send(message("Kết quả\nđã  có"))
    (taken,) = twilio.taken
    assert json.loads(taken["ContentVariables"]) == {"1": "Kết quả đã có"}
    assert "Body" not in taken


@pytest.mark.parametrize("open", [True, False])
def test_news_goes_in_the_template_whether_the_window_is_open_or_not(
    httpserver: HTTPServer, open: bool
) -> None:
    twilio = Provider(httpserver, open=open)
    twilio.sender(TEMPLATE).send(message("Kết quả đã có", Purpose.RESULT))
    (taken,) = twilio.taken
    assert taken["ContentSid"] == TEMPLATE


def test_what_no_template_takes_is_not_sent(httpserver: HTTPServer) -> None:
    twilio = Provider(httpserver)
    with pytest.raises(SendNever):
        twilio.sender(TEMPLATE).send(message("x" * 1025, Purpose.RESULT))
    assert twilio.taken == []


def test_a_wrong_template_is_told_to_the_operator(httpserver: HTTPServer) -> None:
    twilio = Provider(httpserver)
    with capture_logs() as lines, pytest.raises(SendLater):
        twilio.sender("HX" + "b" * 32).send(message("Kết quả", Purpose.RESULT))
    assert [line["event"] for line in lines] == ["sms_alarm"]


def test_without_a_number_of_ours_nothing_goes_to_whatsapp(httpserver: HTTPServer) -> None:
    sender = Provider(httpserver).sender()
    assert ("whatsapp", Channel.CHAT) in sender.serves
    without = TwilioSender(
        account_sid=ACCOUNT, auth_token=PASSWORD, sender="YTE", public_url=PUBLIC
    )
    assert ("whatsapp", Channel.CHAT) not in without.serves


def test_a_messaging_service_chooses_the_sender_of_texts(httpserver: HTTPServer) -> None:
    twilio = Provider(httpserver)
    service = "MG" + "a" * 32
    twilio.sender(service=service).send(outgoing("Ket qua"))
    (taken,) = twilio.taken
    assert taken["MessagingServiceSid"] == service
    assert "From" not in taken
