"""What people see of the bot before they write to it, and where its updates go."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from telegram.error import BadRequest

from bot.register import DESCRIPTION, SHORT_DESCRIPTION, Webhook, commands_of, register
from bot.telegram import read
from bot.telegram_line import TelegramLine
from core.dialogues import DIALOGUES, FURTHER, SPOKEN, WORDS
from core.hear import keyword
from core.message import Inbound
from core.text import LANGUAGES
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_updates import says

COMMANDS = commands_of((*DIALOGUES, *FURTHER, *SPOKEN))
URL = "https://motcua.example.vn/bot/telegram/webhook"


def test_every_dialogue_of_the_menu_has_a_command() -> None:
    assert [command.word for command in COMMANDS] == [
        "qr", "status", "declare", "results", "doses", "wrong", "area", "register", "link",
        "language", "checkin", "kin", "help", "person", "english", "vietnamese",
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.word)
def test_every_command_starts_a_dialogue(peer: TelegramPeer, command: object) -> None:
    inbound = read(says(peer, Chat(7), f"/{getattr(command, 'word')}"))  # noqa: B009
    assert isinstance(inbound, Inbound)
    assert keyword(inbound.said[0], WORDS) is not None


def test_commands_and_descriptions_in_every_language(
    peer: TelegramPeer, line: TelegramLine
) -> None:
    register(line, COMMANDS)
    assert set(peer.commands) == {"", *LANGUAGES}
    assert peer.commands[""] == peer.commands["vi"]
    assert peer.commands["en"][0] == {"command": "qr", "description": "My QR code"}
    assert peer.commands["vi"][0]["description"] != "My QR code"
    for language in LANGUAGES:
        assert peer.descriptions["description", language] == DESCRIPTION.to(language)
        assert peer.descriptions["short_description", language] == SHORT_DESCRIPTION.to(language)
    assert peer.webhook == {}


def test_the_webhook_with_its_secret(peer: TelegramPeer, line: TelegramLine) -> None:
    register(line, COMMANDS, webhook=Webhook(URL, "a-Secret_1"))
    assert urlsplit(peer.webhook["url"]).path == "/bot/telegram/webhook"
    assert peer.webhook["secret_token"] == "a-Secret_1"
    assert json.loads(peer.webhook["allowed_updates"]) == [
        "message",
        "callback_query",
        "my_chat_member",
    ]


def test_polling_takes_the_webhook_away(peer: TelegramPeer, line: TelegramLine) -> None:
    register(line, COMMANDS, webhook=Webhook(URL, "a-Secret_1"))
    register(line, COMMANDS, drop_webhook=True)
    assert peer.webhook == {}
    assert len(peer.called("deleteWebhook")) == 1


def test_an_address_telegram_cannot_call_is_refused(peer: TelegramPeer, line: TelegramLine) -> None:
    with pytest.raises(BadRequest, match="https url must be provided"):
        register(line, COMMANDS, webhook=Webhook("http://127.0.0.1:8000/x", "a-Secret_1"))


def test_a_secret_is_not_shown() -> None:
    assert "a-Secret_1" not in repr(Webhook(URL, "a-Secret_1"))
