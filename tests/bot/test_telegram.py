"""What each kind of update means: a story for every kind, and nothing that makes reading fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.network import Blocked, Ignored, Remark
from bot.telegram import read
from core.message import Address, Channel, Inbound
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat, Message
from tests.peers.telegram_updates import (
    blocks,
    membership,
    message,
    says,
    shares_contact,
    taps_data,
)

PHUONG = Chat(5551001)
GROUP = Chat(-100777, "supergroup", "en")
QUESTION = Message(321, PHUONG.id, "Câu hỏi?")


def heard(update: dict[str, Any]) -> Inbound:
    meant = read(update)
    assert isinstance(meant, Inbound)
    return meant


def test_a_text(peer: TelegramPeer) -> None:
    update = says(peer, PHUONG, "Tôi bị sốt")
    assert heard(update) == Inbound(
        channel=Channel.CHAT,
        provider="telegram",
        address=Address("telegram", "5551001"),
        wire="5551001",
        hop=str(update["update_id"]),
        said=("Tôi bị sốt",),
        language="vi",
    )


def test_what_was_read_survives_being_stored(peer: TelegramPeer) -> None:
    inbound = heard(taps_data(peer, PHUONG, QUESTION, "1f:yes"))
    assert Inbound.from_json(json.loads(json.dumps(inbound.to_json()))) == inbound


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/start", ("/start",)),
        ("/menu", ("/menu",)),
        ("/qr", ("/qr",)),
        ("/QR@MotCuaTestBot", ("/qr",)),
        ("/status now please", ("/status",)),
        ("/start qr", ("/start", "qr")),
        ("/start 7Vx-opaque_token", ("/start",)),
        ("/ không phải lệnh", ("/ không phải lệnh",)),
        ("18/05/1990", ("18/05/1990",)),
    ],
)
def test_commands_are_said_as_words(peer: TelegramPeer, typed: str, said: tuple[str, ...]) -> None:
    assert heard(says(peer, PHUONG, typed)).said == said


@pytest.mark.parametrize(
    ("code", "language"), [("en-GB", "en"), ("vi", "vi"), (None, None), ("!", None)]
)
def test_the_language_of_their_telegram(
    peer: TelegramPeer, code: str | None, language: str | None
) -> None:
    assert heard(says(peer, Chat(7, language=code), "hi")).language == language


def test_a_tap_knows_its_screen_and_what_must_be_answered(peer: TelegramPeer) -> None:
    update = taps_data(peer, PHUONG, QUESTION, "1f:yes")
    inbound = heard(update)
    assert (inbound.option, inbound.screen, inbound.said) == ("yes", "1f", ())
    assert inbound.trace == {"callback": update["callback_query"]["id"], "message": "321"}


def test_a_tap_on_more_turns_the_page(peer: TelegramPeer) -> None:
    inbound = heard(taps_data(peer, PHUONG, QUESTION, "1f:more"))
    assert (inbound.said, inbound.option) == (("98",), None)


def test_a_button_of_a_notice_says_its_word(peer: TelegramPeer) -> None:
    inbound = heard(taps_data(peer, PHUONG, QUESTION, ":results"))
    assert (inbound.said, inbound.option, inbound.screen) == (("results",), None, None)


@pytest.mark.parametrize("data", ["", "nothing", "ZZ:yes", "1f:", "1f:a\nb", "1f:" + "x" * 90])
def test_a_tap_we_never_offered_counts_as_old(peer: TelegramPeer, data: str) -> None:
    inbound = heard(taps_data(peer, PHUONG, QUESTION, data))
    assert (inbound.option, inbound.screen) == ("?", "?")


def test_a_tap_on_a_message_too_old_to_be_shown(peer: TelegramPeer) -> None:
    update = taps_data(peer, PHUONG, QUESTION, "1f:yes")
    update["callback_query"]["message"] = {
        "chat": {"id": PHUONG.id, "type": "private"},
        "message_id": 321,
        "date": 0,
    }
    assert heard(update).option == "yes"


@pytest.mark.parametrize("phone", ["84912345678", "+84912345678", "+84 912 345 678"])
def test_ones_own_number_is_proven(peer: TelegramPeer, phone: str) -> None:
    inbound = heard(shares_contact(peer, PHUONG, phone))
    assert (inbound.proved, inbound.said) == ("+84912345678", ())


def test_a_foreign_number_is_a_number_too(peer: TelegramPeer) -> None:
    assert heard(shares_contact(peer, PHUONG, "12025550123")).proved == "+12025550123"


@pytest.mark.parametrize("phone", ["", "abc", "84", "0912345678", "٠٩١٢", "84" * 40])
def test_what_is_no_number_proves_nothing(peer: TelegramPeer, phone: str) -> None:
    inbound = heard(shares_contact(peer, PHUONG, phone))
    assert (inbound.proved, inbound.said) == (None, ("",))


def test_somebody_elses_card_proves_nothing(peer: TelegramPeer) -> None:
    inbound = heard(shares_contact(peer, PHUONG, "84912345678", of=5559999))
    assert (inbound.proved, inbound.said) == (None, ("",))


def test_a_card_without_an_owner_proves_nothing(peer: TelegramPeer) -> None:
    update = shares_contact(peer, PHUONG, "84912345678")
    del update["message"]["contact"]["user_id"]
    assert heard(update).proved is None


def test_an_owner_in_other_letters_proves_nothing(peer: TelegramPeer) -> None:
    update = shares_contact(peer, PHUONG, "84912345678")
    update["message"]["contact"]["user_id"] = str(PHUONG.id)
    assert heard(update).proved is None
    update["message"]["contact"]["user_id"] = update["message"]["from"]["id"] = True
    assert heard(update).proved is None


@pytest.mark.parametrize(
    "mark",
    [
        {"forward_origin": {"type": "user", "sender_user": {"id": 5551001}}},
        {"forward_from": {"id": 5551001}},
        {"forward_date": 1_790_000_000},
    ],
)
def test_a_forwarded_card_proves_nothing(peer: TelegramPeer, mark: dict[str, Any]) -> None:
    assert heard(shares_contact(peer, PHUONG, "84912345678", **mark)).proved is None


def test_a_card_shared_in_a_group_is_not_read(peer: TelegramPeer) -> None:
    assert read(shares_contact(peer, GROUP, "84912345678")) == Ignored("group")


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {"file_id": "s", "emoji": "👍"}},
        {"voice": {"file_id": "v", "duration": 3}},
        {"photo": [{"file_id": "p", "width": 90, "height": 90}], "caption": "QR"},
        {"video": {"file_id": "v"}},
        {"document": {"file_id": "d"}},
        {"location": {"latitude": 10.77, "longitude": 106.7}},
        {"dice": {"emoji": "🎲", "value": 6}},
        {"poll": {"id": "1", "question": "?"}},
    ],
)
def test_what_we_cannot_read_is_heard_as_nothing_clear(
    peer: TelegramPeer, content: dict[str, Any]
) -> None:
    assert heard(message(peer, PHUONG, **content)).said == ("",)


def test_blocking_the_bot(peer: TelegramPeer) -> None:
    assert read(blocks(peer, Chat(42))) == Blocked(Address("telegram", "42"))


def test_unblocking_it_says_nothing(peer: TelegramPeer) -> None:
    assert read(membership(peer, PHUONG, before="kicked", after="member")) == Ignored("unblocked")


def test_being_added_to_a_group_is_answered(peer: TelegramPeer) -> None:
    remark = read(membership(peer, GROUP, before="left", after="member"))
    assert isinstance(remark, Remark)
    assert (remark.chat, remark.language) == (GROUP.id, "en")


def test_a_command_in_a_group_is_answered_and_chatter_is_not(peer: TelegramPeer) -> None:
    assert isinstance(read(says(peer, GROUP, "/qr@MotCuaTestBot")), Remark)
    assert read(says(peer, GROUP, "chào cả nhà")) == Ignored("group")
    assert read(membership(peer, GROUP, before="member", after="kicked")) == Ignored("group")


def test_a_remark_falls_back_on_vietnamese(peer: TelegramPeer) -> None:
    remark = read(says(peer, Chat(-5, "group", "fr"), "/qr"))
    assert isinstance(remark, Remark)
    assert remark.language == "vi"


@pytest.mark.parametrize(
    "kind",
    [
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_message",
        "inline_query",
        "chosen_inline_result",
        "poll",
        "poll_answer",
        "chat_member",
        "message_reaction",
        "a_kind_of_next_year",
    ],
)
def test_other_kinds_are_ignored_on_purpose(peer: TelegramPeer, kind: str) -> None:
    content = says(peer, PHUONG, "QR")["message"]
    assert read(peer.update(**{kind: content})) == Ignored("not asked for")


def test_other_bots_service_messages_and_channels_are_ignored(peer: TelegramPeer) -> None:
    from_bot = says(peer, PHUONG, "QR")
    from_bot["message"]["from"]["is_bot"] = True
    assert read(from_bot) == Ignored("no person")
    assert read(message(peer, PHUONG, pinned_message={})) == Ignored("service message")
    assert read(says(peer, Chat(-9, "channel"), "/qr")) == Ignored("group")


def test_half_characters_and_zeros_are_made_storable(peer: TelegramPeer) -> None:
    update = says(peer, PHUONG, "a\ud83d\0b")
    (said,) = heard(update).said
    assert said.encode() == "a\ufffdb".encode()


def test_an_endless_text_is_cut_to_what_telegram_allows(peer: TelegramPeer) -> None:
    assert len(heard(says(peer, PHUONG, "x" * 100_000)).said[0]) == 4096


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
CHAT = st.fixed_dictionaries(
    {"id": st.integers() | JSON, "type": st.sampled_from(["private", "group", "x"]) | JSON}
)
SENDER = st.fixed_dictionaries({}, optional={"id": JSON, "is_bot": JSON, "language_code": JSON})
MESSAGE = st.fixed_dictionaries(
    {"chat": CHAT | JSON, "from": SENDER | JSON},
    optional={
        "text": JSON | st.text(st.characters(exclude_categories=())),
        "contact": JSON | st.fixed_dictionaries({"user_id": JSON, "phone_number": JSON}),
        "sticker": JSON,
        "message_id": JSON,
    },
)
CALLBACK = st.fixed_dictionaries(
    {"id": JSON, "from": SENDER | JSON, "message": MESSAGE | JSON, "data": st.text() | JSON}
)
MEMBER = st.fixed_dictionaries(
    {"chat": CHAT | JSON, "from": SENDER | JSON},
    optional={"new_chat_member": st.fixed_dictionaries({"status": JSON}) | JSON},
)
UPDATE = st.fixed_dictionaries(
    {"update_id": st.integers(0, 2**31)},
    optional={
        "message": MESSAGE | JSON,
        "callback_query": CALLBACK | JSON,
        "my_chat_member": MEMBER | JSON,
        "edited_message": JSON,
    },
)


@given(UPDATE)
def test_nothing_makes_reading_fail_and_all_that_is_read_can_be_stored(
    update: dict[str, Any],
) -> None:
    meant = read(update)
    if isinstance(meant, Inbound):
        stored = json.dumps(meant.to_json(), ensure_ascii=False).encode()
        assert Inbound.from_json(json.loads(stored)) == meant


@given(JSON)
def test_what_is_no_update_is_ignored(thing: Any) -> None:
    update = thing if isinstance(thing, dict) else {"update_id": thing}
    update.pop("message", None)
    assert isinstance(read(update), Ignored)
