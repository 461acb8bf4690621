"""A stand-in for Telegram: the Bot API over a real socket, with its rules, and people who use it."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

from tests.peers.telegram_chats import Call, Chat, Message
from tests.peers.telegram_http import Files, Form, Trouble, serve
from tests.peers.telegram_rules import (
    ChatType,
    Photo,
    Refusal,
    bad,
    check_caption,
    check_commands,
    check_keys,
    check_language,
    check_text,
    check_webhook,
    take_photo,
)

TOKEN = "1000000001:AAEinvented-for-tests-only_0123456789"
NOT_FOUND = "Not Found"


class TelegramPeer:
    """Starts with `with`; `url` is what the setting of the API's address takes."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.chats: dict[int, Chat] = {}
        self.photos: dict[str, Photo] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.descriptions: dict[tuple[str, str], str] = {}
        self.webhook: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.uploads = 0
        self.open_taps: dict[str, float] = {}
        self.tap_answer_seconds = 15.0
        self.waiting: deque[dict[str, Any]] = deque()
        self._troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        self._numbers = itertools.count(1)
        self._updates = itertools.count(700_000_001)
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._server = serve(self)

    def __enter__(self) -> TelegramPeer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    # What a test arranges and looks at

    def chat(self, number: int, kind: ChatType = "private", language: str | None = "vi") -> Chat:
        """A chat that the bot may write to."""
        return self.chats.setdefault(number, Chat(number, kind, language))

    def will_answer(self, method: str, *troubles: Trouble) -> None:
        """The next calls of this method are answered like this."""
        self._troubles[method.lower()].extend(troubles)

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def tapped(self, tap: str) -> None:
        """A person has tapped a button and sees it spin."""
        with self._lock:
            self.open_taps[tap] = time.monotonic()

    def message_id(self) -> int:
        return next(self._numbers)

    def update(self, **content: Any) -> dict[str, Any]:
        """An update with a number of its own."""
        return {"update_id": next(self._updates), **content}

    def queue(self, update: dict[str, Any]) -> None:
        """Lets `getUpdates` find it."""
        with self._news:
            self.waiting.append(update)
            self._news.notify_all()

    def photo_of(self, content: bytes, *, said_size: int | None = None) -> list[dict[str, Any]]:
        """A photo that a person sends, as an update shows it: a small size and the whole."""
        file_id = f"AgACAgUAAy{next(self._numbers):08d}"
        self.files[file_id] = content
        size = len(content) if said_size is None else said_size
        small = {"file_id": f"{file_id}s", "file_unique_id": "s", "width": 90, "height": 90}
        whole = {"file_id": file_id, "file_unique_id": "w", "width": 800, "height": 800}
        return [{**small, "file_size": 900}, {**whole, "file_size": size}]

    def get_file(self, form: Form, files: Files) -> object:
        file_id = form.get("file_id", "")
        if file_id not in self.files:
            raise bad("invalid file_id")
        if len(self.files[file_id]) > 20_000_000:
            raise bad("file is too big")
        named = {"file_id": file_id, "file_unique_id": "w", "file_size": len(self.files[file_id])}
        return {**named, "file_path": f"photos/{file_id}.jpg"}

    def file(self, path: str) -> bytes | None:
        return self.files.get(path.removeprefix("photos/").removesuffix(".jpg"))

    # The API

    def hear(self, method: str, form: Form) -> None:
        with self._lock:
            self.calls.append(Call(method, form))

    def answer(self, method: str, form: Form, files: Files) -> object:
        """Does what the bot asks; raises Refusal."""
        # Method names are case-insensitive.
        do = _METHODS.get(method.lower())
        if do is None:
            raise Refusal(404, NOT_FOUND)
        return do(self, form, files)

    def trouble(self, method: str) -> Trouble | None:
        with self._lock:
            planned = self._troubles[method.lower()]
            return planned.popleft() if planned else None

    def _writable(self, form: Form) -> Chat:
        try:
            chat = self.chats.get(int(form.get("chat_id", "")))
        except ValueError:
            chat = None
        if chat is None:
            raise bad("chat not found")
        if chat.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return chat

    def get_me(self, form: Form, files: Files) -> object:
        number = int(self.token.partition(":")[0])
        return {"id": number, "is_bot": True, "first_name": "Một Cửa", "username": "MotCuaTestBot"}

    def send_message(self, form: Form, files: Files) -> object:
        chat = self._writable(form)
        text = check_text(form.get("text", ""))
        return self._keep(
            Message(0, chat.id, text, check_keys(form.get("reply_markup"), chat.type))
        )

    def send_photo(self, form: Form, files: Files) -> object:
        chat = self._writable(form)
        caption = check_caption(form.get("caption", ""))
        keys = check_keys(form.get("reply_markup"), chat.type)
        photo = self._photo(form.get("photo", ""), files)
        protected = form.get("protect_content", "").lower() == "true"
        return self._keep(Message(0, chat.id, caption, keys, photo, protected))

    def _photo(self, given: str, files: Files) -> Photo:
        # python-telegram-bot names the part and says `attach://<name>`, or posts it as `photo`.
        part = files.get(given.removeprefix("attach://")) or files.get("photo")
        if part is None:
            if given not in self.photos:
                raise bad("wrong file identifier/HTTP URL specified")
            return self.photos[given]
        filename, content = part
        with self._lock:
            self.uploads += 1
            photo = take_photo(content, filename, f"AgACAgUAAx{self.uploads:08d}")
            self.photos[photo.file_id] = photo
        return photo

    def _keep(self, message: Message) -> dict[str, Any]:
        with self._lock:
            message.id = self.message_id()
            self.chats[message.chat].messages.append(message)
        return self._shown(message)

    def _shown(self, message: Message) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "message_id": message.id,
            "date": 1_790_000_000,
            "chat": {"id": message.chat, "type": self.chats[message.chat].type},
        }
        if message.photo is not None:
            shown |= {"photo": message.photo.sizes, "caption": message.text}
        else:
            shown["text"] = message.text
        if message.buttons:
            shown["reply_markup"] = message.keys
        return shown

    def answer_callback_query(self, form: Form, files: Files) -> object:
        if len(form.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        with self._lock:
            tapped = self.open_taps.pop(form.get("callback_query_id", ""), None)
        if tapped is None or time.monotonic() - tapped > self.tap_answer_seconds:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        return True

    def edit_message_reply_markup(self, form: Form, files: Files) -> object:
        chat = self._writable(form)
        message = self._find(chat, form, "message to edit not found")
        keys = check_keys(form.get("reply_markup"), chat.type)
        if message.keys is not None and "inline_keyboard" not in message.keys:
            raise bad("message can't be edited")
        if (message.keys or None) == (keys or None):
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.keys = keys
        return self._shown(message)

    def _find(self, chat: Chat, form: Form, missing: str) -> Message:
        wanted = form.get("message_id")
        for message in chat.messages:
            if str(message.id) == wanted:
                return message
        raise bad(missing)

    def get_updates(self, form: Form, files: Files) -> object:
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        allowed = json.loads(form.get("allowed_updates", "[]"))
        offset = int(form.get("offset", "0"))
        with self._news:
            while self.waiting and self.waiting[0]["update_id"] < offset:
                self.waiting.popleft()
            if not self.waiting:
                self._news.wait(float(form.get("timeout", "0")))
            return [
                update
                for update in itertools.islice(self.waiting, 100)
                if not allowed or any(kind in update for kind in allowed)
            ]

    def set_webhook(self, form: Form, files: Files) -> object:
        check_webhook(
            form.get("url", ""), form.get("secret_token", ""), form.get("max_connections", "40")
        )
        self.webhook = dict(form)
        return True

    def delete_webhook(self, form: Form, files: Files) -> object:
        self.webhook = {}
        return True

    def set_my_commands(self, form: Form, files: Files) -> object:
        language = check_language(form.get("language_code", ""))
        self.commands[language] = check_commands(form.get("commands", "[]"))
        return True

    def set_my_description(self, form: Form, files: Files) -> object:
        return self._describe(form, "description", 512)

    def set_my_short_description(self, form: Form, files: Files) -> object:
        return self._describe(form, "short_description", 120)

    def _describe(self, form: Form, name: str, longest: int) -> object:
        if len(form.get(name, "")) > longest:
            raise bad(f"{name} is too long")
        self.descriptions[name, check_language(form.get("language_code", ""))] = form.get(name, "")
        return True


_Method = Callable[[TelegramPeer, Form, Files], object]
_METHODS: dict[str, _Method] = {
    "getme": TelegramPeer.get_me,
    "getfile": TelegramPeer.get_file,
    "sendmessage": TelegramPeer.send_message,
    "sendphoto": TelegramPeer.send_photo,
    "answercallbackquery": TelegramPeer.answer_callback_query,
    "editmessagereplymarkup": TelegramPeer.edit_message_reply_markup,
    "getupdates": TelegramPeer.get_updates,
    "setwebhook": TelegramPeer.set_webhook,
    "deletewebhook": TelegramPeer.delete_webhook,
    "setmycommands": TelegramPeer.set_my_commands,
    "setmydescription": TelegramPeer.set_my_description,
    "setmyshortdescription": TelegramPeer.set_my_short_description,
}
