"""What the handset posts is what the networks post: read here by the gateway's own adapters."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from bot import telegram
from core.asked import Asked
from core.message import Inbound
from sms.providers.kannel import Kannel
from sms.providers.twilio import Twilio
from ussd.aggregators.africastalking import AfricasTalking
from web.simulator.requests import (
    Lines,
    NetworkRequest,
    Networks,
    NotOurCode,
    UssdCall,
    account_of,
    phone_of,
)

PHONE = "+84912004701"
BASE = "https://motcua.example.vn"
LINES = Lines(
    service_code="*1022#",
    africastalking=f"{BASE}/ussd/africastalking/path-secret",
    twilio=f"{BASE}/sms/twilio/message",
    twilio_auth_token="twilio-token",
    kannel=f"{BASE}/sms/kannel/path-secret/message",
    telegram=f"{BASE}/bot/telegram/webhook",
    telegram_secret="telegram-secret",
    zalo=f"{BASE}/bot/zalo/webhook",
    zalo_app_id="100000000000000001",
    zalo_secret="zalo-secret",
)
NETWORKS = Networks(LINES, lambda: datetime(2026, 11, 23, 1, 30, tzinfo=UTC))


def asked(request: NetworkRequest, path: str = "") -> Asked:
    """The request as our adapters see it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(
        path,
        urlsplit(request.url).query.encode(),
        request.content,
        headers.get("content-type", ""),
        headers,
    )


def test_a_dialled_code_is_a_new_session() -> None:
    call = NETWORKS.dial(PHONE, "*1022#")
    read = AfricasTalking().read(asked(NETWORKS.ussd(call)))
    assert (read.address.value, read.event, read.history) == (PHONE, "new", "")


@pytest.mark.parametrize(
    ("dialled", "history"),
    [("*1022#", ""), ("*1022*2*1#", "2*1"), (" *1022*1# ", "1"), ("*1022**#", "*")],
)
def test_a_deep_dial_has_said_its_answers(dialled: str, history: str) -> None:
    assert NETWORKS.dial(PHONE, dialled).history == history


@pytest.mark.parametrize("dialled", ["*101#", "*10221#", "1022", "*1022", "", "#"])
def test_another_code_never_reaches_us(dialled: str) -> None:
    with pytest.raises(NotOurCode):
        NETWORKS.dial(PHONE, dialled)


def test_the_history_grows_by_stars() -> None:
    call = UssdCall("ATUid_1", PHONE, "")
    assert call.then("1").then("Nguyen A").then("").history == "1*Nguyen A*"


def test_hanging_up_is_told() -> None:
    call = NETWORKS.dial(PHONE, "*1022#").then("1")
    request = NETWORKS.ussd_over(call, "CON 1 Ma QR")
    assert request.url == f"{LINES.africastalking}/notice"
    read = AfricasTalking().read(asked(request, "notice"))
    assert (read.event, read.wire, read.trace["ended"]) == ("close", call.session, "Incomplete")


@pytest.mark.parametrize("text", ["QR", "Tình trạng", "a & b = c*#+", "😀"])
def test_a_text_by_twilio_is_signed_as_twilio_signs(text: str) -> None:
    request = NETWORKS.twilio(PHONE, text, "1022")
    fields = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator("twilio-token").validate(LINES.twilio, fields, signature)
    adapter = Twilio(auth_token="twilio-token", public_url=BASE)
    adapter.prove(asked(request, "message"))
    assert adapter.read(asked(request)).said == (text,)


@pytest.mark.parametrize(
    ("text", "charset"), [("KB", "UTF-8"), ("Tình trạng", "UTF-16BE"), ("😀 QR", "UTF-16BE")]
)
def test_a_text_by_kannel_comes_in_the_alphabet_of_the_air(text: str, charset: str) -> None:
    request = NETWORKS.kannel(PHONE, text, "1022")
    assert request.fields["charset"] == charset
    read = Kannel().read(asked(request))
    assert (read.said, read.address.value) == ((text,), PHONE)


def test_no_two_texts_are_a_repeat_of_each_other() -> None:
    hops = {Kannel().read(asked(NETWORKS.kannel(PHONE, "QR", "1022"))).hop for _ in range(3)}
    assert len(hops) == 3


def heard(request: NetworkRequest) -> Inbound:
    """What the bot makes of an update."""
    read = telegram.read(json.loads(request.content))
    assert isinstance(read, Inbound)
    return read


def test_what_is_written_to_the_bot_is_said() -> None:
    request = NETWORKS.telegram_text(PHONE, "/start", "en")
    assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == "telegram-secret"
    read = heard(request)
    assert (read.said, read.language) == (("/start",), "en")
    assert read.address.value == str(account_of(PHONE))


def test_a_shared_number_is_vouched_for() -> None:
    assert heard(NETWORKS.telegram_contact(PHONE, "Hường", "vi")).proved == PHONE


def test_a_tap_names_its_screen_its_option_and_its_message() -> None:
    read = heard(NETWORKS.telegram_tap(PHONE, 77, "s1:2", "vi"))
    assert (read.screen, read.option, read.trace["message"]) == ("s1", "2", "77")


def test_updates_are_counted_upwards() -> None:
    moments = iter([datetime(2026, 11, 23, 1, 30, 0, micro, tzinfo=UTC) for micro in (1, 2, 3, 4)])
    networks = Networks(LINES, lambda: next(moments), uuid.uuid4)
    first, second = (
        json.loads(networks.telegram_text(PHONE, "1", "vi").content)["update_id"] for _ in range(2)
    )
    assert first < second


def test_an_account_leads_back_to_its_phone() -> None:
    assert phone_of(account_of(PHONE)) == PHONE


def test_secrets_stay_out_of_what_is_printed() -> None:
    shown = repr(LINES) + repr(NETWORKS.twilio(PHONE, "QR", "1022"))
    assert "secret" not in shown.replace("telegram_secret", "")
    assert "twilio-token" not in shown
    assert PHONE not in shown
