"""Updates of every kind as Telegram and Zalo could bring them, and as nobody should: by the thousand.

The same seed gives the same updates. About one in five is spoilt somewhere: a field is missing, or
holds something of another type, something huge, or half a character.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

Event = dict[str, Any]

SAID: Final = (
    *("/start", "/menu", "menu", "00", "0", "98", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    *(
        "QR",
        "TT",
        "KB",
        "kq",
        "tiêm",
        "vùng",
        "Nha Trang",
        "en",
        "vi",
        "gặp người",
        "agent",
        "có",
        "k",
    ),
    *("0912345678", "+84912345678", "123456", "079190012345", "1990", "01/02/1990", "tiếp tục"),
    *("/start qr", "/qr@MotCuaTestBot", "/next_years", "TC", "help", "chats", "link", "đồng ý"),
    *(
        "",
        " ",
        "\n\n",
        "…",
        "🧪" * 300,
        "ế" * 5000,
        "a" * 9000,
        "\u202eabc",
        "\ufeff",
        "x\0y",
        "\ud800",
    ),
    *(
        "'; DROP TABLE inbox; --",
        "{name}",
        "{0}",
        "%s %n",
        "<b>x</b>",
        "../../etc",
        "#mc:1f:qr",
        "#mc:",
    ),
)
TAPPED: Final = ("0:qr", "1:menu", "f:more", ":menu", "?:?", "", "x" * 64, "1:\0", "zz:9", "7:back")
JUNK: Final[tuple[Any, ...]] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        2**31,
        -(2**63),
        2**70,
        10**30,
        0.5,
        1e308,
        float("nan"),
        float("inf"),
    ),
    *("", "0", "true", "\0", "\ud83d", "x" * 3000, [], {}, [[]], {"": {}}, [None] * 50),
    {"id": {"id": {"id": []}}},
)
NO_MESSAGE: Final = (
    *(
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "inline_query",
        "poll",
        "poll_answer",
    ),
    *("chat_member", "chat_join_request", "message_reaction", "business_message", "shipping_query"),
    *("pre_checkout_query", "chosen_inline_result", "next_years"),
)
CONTENTS: Final = (
    *("animation", "audio", "dice", "document", "game", "paid_media", "poll", "sticker", "story"),
    *("venue", "video", "video_note", "voice", "pinned_message", "new_chat_members", "checklist"),
)
ZALO_SENT: Final = (
    *(
        "text",
        "image",
        "gif",
        "link",
        "audio",
        "video",
        "sticker",
        "location",
        "business_card",
        "file",
    ),
    "next_years",
)
ZALO_OTHERS: Final = (
    *("anonymous_send_text", "user_reacted_message", "oa_reacted_message", "add_user_to_tag"),
    *("update_user_info", "widget_interaction_accepted", "change_template_status", "next_years"),
)


class AnyUpdates:
    """Draws updates; `chats` people write on each network."""

    def __init__(self, seed: int, *, chats: int = 40, oa_id: str = "", app_id: str = "") -> None:
        self._roll = random.Random(seed)
        self._chats = chats
        self._oa_id = oa_id
        self._app_id = app_id
        self._number = 800_000_000 + seed % 1000 * 1_000_000
        self._before: list[Event] = []

    def telegram(self) -> Event:
        """One update of Telegram's."""
        self._number += 1
        kinds: tuple[tuple[int, Callable[[], Event]], ...] = (
            (50, lambda: {"message": self._message()}),
            (22, lambda: {"callback_query": self._tap()}),
            (5, lambda: {"my_chat_member": self._membership()}),
            (4, lambda: {self._roll.choice(NO_MESSAGE): self._message()}),
            (1, dict),
        )
        return self._maybe_spoilt({"update_id": self._number, **self._one_of(kinds)()})

    def zalo(self) -> Event:
        """One event of Zalo's."""
        self._number += 1
        kinds: tuple[tuple[int, Callable[[], Event]], ...] = (
            (60, self._zalo_said),
            (10, self._zalo_arrives),
            (10, self._zalo_receipt),
            (6, self._zalo_echo),
            (6, self._zalo_form),
            (2, self._zalo_withdraws),
            (4, lambda: self._zalo_event(self._roll.choice(ZALO_OTHERS))),
        )
        return self._maybe_spoilt(self._one_of(kinds)())

    def last_word(self, network: str, chat: int) -> tuple[str, Event]:
        """A chat says MENU, in good order: the id of the message, and the event."""
        self._number += 1
        if network == "telegram":
            person = self._person(chat)
            message = {"message_id": 1, "chat": {**person, "type": "private"}, "from": person}
            return str(self._number), {
                "update_id": self._number,
                "message": {**message, "text": "menu"},
            }
        event = self._zalo_event("user_send_text", chat)
        event["message"] = {"text": "menu", "msg_id": f"last{self._number}"}
        return f"last{self._number}", event

    def body(self, event: Event) -> bytes:
        """As it goes over the wire, with letters written out or not."""
        written = json.dumps(event, ensure_ascii=self._roll.random() < 0.5)
        return written.encode("utf-8", "surrogatepass")

    # Drawing

    def _one_of(self, kinds: tuple[tuple[int, Callable[[], Event]], ...]) -> Callable[[], Event]:
        weights = [weight for weight, _kind in kinds]
        return self._roll.choices([kind for _weight, kind in kinds], weights)[0]

    def _maybe_spoilt(self, event: Event) -> Event:
        """Now and then the same again, or one with something wrong in it."""
        luck = self._roll.random()
        if luck < 0.05 and self._before:
            return self._roll.choice(self._before)
        if luck < 0.25:
            event = json.loads(json.dumps(event))
            for _place in range(self._roll.randint(1, 3)):
                self._spoil(event)
        self._before = [*self._before[-30:], event]
        return event

    def _spoil(self, event: Event) -> None:
        where: Any = event
        while True:
            keys = list(where) if isinstance(where, dict) else list(range(len(where)))
            if not keys:
                return
            key = self._roll.choice(keys)
            inner = where[key]
            if isinstance(inner, dict | list) and inner and self._roll.random() < 0.8:
                where = inner
                continue
            if self._roll.random() < 0.3:
                del where[key]
            else:
                where[key] = copy.deepcopy(self._roll.choice(JUNK))
            return

    # Telegram

    def _person(self, chat: int | None = None) -> Event:
        number = self._roll.randrange(self._chats) if chat is None else chat
        person = {"id": 700_000 + number, "is_bot": False, "first_name": "Phượng"}
        return {**person, "language_code": "en"} if number % 3 == 0 else person

    def _message(self) -> Event:
        person = self._person()
        chat = {**person, "type": "private"}
        if self._roll.random() < 0.06:
            kind = self._roll.choice(("group", "supergroup", "channel", "next_years"))
            chat = {"id": -100_000 - self._roll.randrange(9), "type": kind, "title": "Nhóm"}
        message: Event = {"message_id": self._number, "date": 1_790_000_000, "from": person}
        return {**message, "chat": chat, **self._content(person)}

    def _content(self, person: Event) -> Event:
        luck = self._roll.random()
        if luck < 0.62:
            return {"text": self._roll.choice(SAID)}
        if luck < 0.72:
            owner = person["id"] if self._roll.random() < 0.6 else 1
            phone = f"8491234{self._roll.randrange(10_000):04d}"
            more: Event = {"forward_origin": {}} if self._roll.random() < 0.2 else {}
            return {"contact": {"phone_number": phone, "user_id": owner}, **more}
        if luck < 0.78:
            sizes = [{"file_id": f"f{self._number}", "file_size": size} for size in (900, 90_000)]
            return {"photo": sizes, "caption": self._roll.choice(SAID)}
        if luck < 0.84:
            north, east = self._roll.uniform(-95, 95), self._roll.uniform(-190, 190)
            return {"location": {"latitude": north, "longitude": east}}
        return {self._roll.choice(CONTENTS): self._roll.choice(({"file_id": "x"}, [], {}))}

    def _tap(self) -> Event:
        person = self._person()
        message = {"message_id": 7, "chat": {**person, "type": "private"}, "date": 0}
        data = self._roll.choice(TAPPED)
        if self._roll.random() < 0.6:
            screen = f"{self._roll.randrange(40):x}"
            data = (
                f"{screen}:{self._roll.choice(('qr', 'menu', 'back', 'yes', '1', 'agree', 'more'))}"
            )
        return {"id": str(self._number), "from": person, "message": message, "data": data}

    def _membership(self) -> Event:
        person = self._person()
        statuses = ("member", "kicked", "left", "administrator", "restricted")
        kind = "private" if self._roll.random() < 0.8 else "group"
        changed = {"status": self._roll.choice(statuses), "user": {"id": 1, "is_bot": True}}
        return {"chat": {**person, "type": kind}, "from": person, "new_chat_member": changed}

    # Zalo

    def _zalo_event(self, name: str, chat: int | None = None) -> Event:
        number = self._roll.randrange(self._chats) if chat is None else chat
        return {
            "app_id": self._app_id,
            "sender": {"id": self.zalo_id(number)},
            "recipient": {"id": self._oa_id},
            "event_name": name,
            "timestamp": str(1_785_672_000_000 + self._number),
        }

    @staticmethod
    def zalo_id(chat: int) -> str:
        return str(246845883529000000 + chat)

    def _zalo_said(self) -> Event:
        kind = self._roll.choice(("text",) * 12 + ZALO_SENT)
        event = self._zalo_event(f"user_send_{kind}")
        message: Event = {"msg_id": f"m{self._number}"}
        match kind:
            case "text":
                tapped = f"#mc:{self._roll.choice(TAPPED)}"
                message["text"] = self._roll.choice((*SAID, *([tapped] * 20)))
            case "location":
                north, east = self._roll.uniform(-95, 95), self._roll.uniform(-190, 190)
                at = {"latitude": str(north), "longitude": str(east)}
                message["attachments"] = [{"type": kind, "payload": {"coordinates": at}}]
            case _:
                payload = {"url": "https://photos.example.vn/x.jpg", "thumbnail": "", "id": "s"}
                message["attachments"] = [{"type": kind, "payload": payload}]
        return {**event, "message": message}

    def _zalo_arrives(self) -> Event:
        name = self._roll.choice(("follow", "unfollow", "user_click_chatnow"))
        event = self._zalo_event(name)
        who = event.pop("sender")
        event.pop("recipient")
        more: Event = {"user_id": who["id"]} if name == "user_click_chatnow" else {"follower": who}
        return {**event, "oa_id": self._oa_id, **more}

    def _zalo_receipt(self) -> Event:
        event = self._zalo_event(self._roll.choice(("user_received_message", "user_seen_message")))
        named = [f"m{self._roll.randrange(99)}" for _one in range(self._roll.randrange(4))]
        return {**event, "message": {"msg_id": "m1", "msg_ids": named, "tracking_id": "t"}}

    def _zalo_echo(self) -> Event:
        event = self._zalo_event(
            self._roll.choice(("oa_send_text", "oa_send_image", "oa_send_list"))
        )
        sender = {"id": self._oa_id} | ({"admin_id": "9"} if self._roll.random() < 0.5 else {})
        message = {"text": self._roll.choice(SAID), "msg_id": f"e{self._number}"}
        return {**event, "sender": sender, "recipient": event["sender"], "message": message}

    def _zalo_form(self) -> Event:
        phone = self._roll.choice(("84912345678", "0912345678", "x", "", "84" + "9" * 40))
        return {**self._zalo_event("user_submit_info"), "info": {"name": "Linh", "phone": phone}}

    def _zalo_withdraws(self) -> Event:
        return self._zalo_event("user_withdraw")


def mixed(drawn: AnyUpdates, count: int) -> Iterator[tuple[str, Event]]:
    """So many updates, of Telegram and Zalo by turns."""
    for number in range(count):
        network = "zalo" if number % 2 else "telegram"
        yield network, drawn.zalo() if number % 2 else drawn.telegram()
