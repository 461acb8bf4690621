"""Our Twilio sender, with Twilio's own SDK, before Prism, which keeps the rules of Twilio's own OpenAPI.

The document comes with Twilio's command line (npm's @twilio/cli-core); of it we take the sending of messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core.errors import SendLater, SendNever
from core.message import Address, Channel, Network, Page
from core.outbox.outgoing import Outgoing, Purpose
from gateway.ports import free_port
from sms.providers.twilio_sender import TwilioSender
from tests.peers.processes import start, until

pytestmark = pytest.mark.peers

PACKAGES = Path(__file__).parent / "node_modules"
DOCUMENT = PACKAGES / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
PRISM = str(PACKAGES / ".bin" / "prism")
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
ACCOUNT = "AC" + "a1" * 16
SERVICE = "MG" + "b2" * 16
TEMPLATE = "HX" + "c3" * 16
TWO_PARTS = "Kết quả xét nghiệm của bạn: âm tính. " * 3
SECONDS = 60.0


def rules() -> dict[str, Any]:
    """Twilio's document, of which only sending messages is left."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return {**document, "paths": {MESSAGES: document["paths"][MESSAGES]}}


def running_prism(directory: Path, *options: str) -> Iterator[str]:
    """Prism with these rules until the block ends; gives its address."""
    rules_of_twilio = directory / "twilio.json"
    rules_of_twilio.write_text(json.dumps(rules()), encoding="utf-8")
    port = free_port()
    command = (PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), *options, str(rules_of_twilio))
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as in_the_end:
        start(command, directory, in_the_end)
        until(lambda: answers(address), "Prism did not start", SECONDS)
        yield address


def answers(address: str) -> bool:
    try:
        return httpx2.get(address, timeout=2).status_code == 404
    except httpx2.HTTPError:
        return False


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """It answers with Twilio's own examples."""
    yield from running_prism(tmp_path_factory.mktemp("prism"))


@pytest.fixture(scope="module")
def changeable_prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """It answers whatever the document allows."""
    yield from running_prism(tmp_path_factory.mktemp("prism"), "--dynamic")


def sender(address: str, *, account: str = ACCOUNT, service: str = "") -> TwilioSender:
    return TwilioSender(
        account_sid=account,
        auth_token="token-of-the-account",
        sender="YTE",
        public_url="https://motcua.example.vn",
        api_url=address,
        messaging_service_sid=service,
        whatsapp_sender="+14155238886",
        whatsapp_template=TEMPLATE,
    )


def message(text: str, network: Network = "phone", purpose: Purpose = Purpose.RESULT) -> Outgoing:
    channel = Channel.SMS if network == "phone" else Channel.CHAT
    return Outgoing("key", Address(network, "+84912345678"), channel, Page(text), purpose)


@pytest.mark.parametrize(
    "outgoing",
    [
        message("Ket qua xet nghiem da co."),
        message(TWO_PARTS),
        message("😀" * 100),
        message("x" * 1600),
        message("Kết quả đã có", "whatsapp", Purpose.REPLY),
        message("Kết quả\nđã có", "whatsapp"),
    ],
    ids=["text", "accents", "emoji", "longest", "whatsapp-answer", "whatsapp-template"],
)
@pytest.mark.parametrize("service", ["", SERVICE], ids=["name", "service"])
def test_twilio_takes_what_we_send(prism: str, outgoing: Outgoing, service: str) -> None:
    sent = sender(prism, service=service).send(outgoing)
    assert sent.provider_ref is not None
    assert sent.provider_ref.startswith("SM")
    assert sent.segments == 1  # as in its example


def test_whatever_twilio_may_answer_is_understood(changeable_prism: str) -> None:
    ours = sender(changeable_prism)
    for _time in range(30):
        assert outcome(ours) in ("taken", "unsure")


def outcome(ours: TwilioSender) -> str:
    """The document lets even the id be missing: then nobody can know."""
    try:
        return "taken" if ours.send(message(TWO_PARTS)).provider_ref else "no id"
    except SendLater as error:
        return "unsure" if error.unsure else "later"


def test_an_account_that_cannot_be_one_is_refused(prism: str) -> None:
    with pytest.raises(SendNever) as caught:
        sender(prism, account="AC1").send(message("Ket qua"))
    assert caught.value.words == "422"


def test_these_rules_can_refuse(prism: str) -> None:
    """What we rely on above: a field that is wrong or missing, and a stranger."""
    address = prism + MESSAGES.format(AccountSid=ACCOUNT)
    us = (ACCOUNT, "token-of-the-account")
    fields = {"To": "+84912345678", "From": "YTE", "Body": "Ket qua"}
    for changed, who, status in (
        ({}, us, 201),
        ({"ContentSid": "HX1"}, us, 422),
        ({"StatusCallback": "not an address"}, us, 422),
        ({}, None, 401),
    ):
        answer = httpx2.post(address, data={**fields, **changed}, auth=who)
        assert answer.status_code == status, (changed, answer.text)
    fields.pop("To")
    assert httpx2.post(address, data=fields, auth=us).status_code == 422
