"""After a whole story nothing of the people in it stands in clear: in no log, no table, no key, no answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from flask.testing import FlaskClient
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from core.errors import Down
from core.gsm import unaccent
from core.privacy import redactor
from gateway import wiring
from gateway.worker import Worker
from tests.gateway.conftest import SECRET
from tests.gateway.test_main_job import Handset, birth_year, paper_of
from tests.peers.zalo_events import Events
from tests.talk import twilio_signature

PLACE = "Zanzibar Quyvat"
"""What she says in her declaration, and nobody else ever would."""

ZALO = "246845883529197922"
"""Who she is on Zalo."""


@contextmanager
def written() -> Iterator[list[str]]:
    """The log of everything in the block, as it leaves the house."""
    told: list[str] = []
    with capture_logs(processors=[format_exc_info, redactor]) as lines:
        yield told
    told.extend(str(line) for line in lines)


def working(house: wiring.House) -> Worker:
    """A worker's hands, without its process."""
    return Worker(
        database=house.database,
        inbox=house.inbox,
        outbox=house.outbox,
        deferred=house.deferred,
        upkeep=house.upkeep,
        handlers=dict.fromkeys(house.hearing.voices, house.hearing.hear),
        senders=(),
        deferred_handler=house.hearing.finish,
    )


class Story:
    """Everything a mother may do in a day, on every channel."""

    def __init__(self, house: wiring.House, client: FlaskClient, mother: dict[str, Any]) -> None:
        self.house, self.client, self.mother = house, client, mother
        self.phone = Handset(client, mother["phone"])
        self.chat = int(mother["phone"][1:])
        self.updates = 0

    def links(self) -> None:
        self.phone.dials("1").says("1", "099999999999", "1990")
        self.phone.says(paper_of(self.mother), birth_year(self.mother), "1").sees("Ma cua")

    def declares(self) -> None:
        self.phone.dials("3").says("1")
        for _question in range(20):
            if "1 Gui" in self.phone.text:
                break
            options = re.findall(r"^(\d+) ", self.phone.text, re.MULTILINE)
            pages = "98" if "98" in options else None
            self.phone.says(pages or ("2" if "2" in options else PLACE))
        self.phone.says("1").sees("o khai")

    def texts(self) -> None:
        for text in ("QR", "1", "TT", PLACE):
            fields = {"from": self.mother["phone"], "to": "1022", "text": text, "id": str(uuid4())}
            self.client.get(f"/sms/kannel/{SECRET}/message", query_string=fields)
        settings = self.house.settings
        token = settings.twilio_auth_token.get_secret_value()
        sms = {"MessageSid": "SM1", "From": self.mother["phone"], "To": "1022", "Body": "TIEM"}
        url = f"{settings.base_url}/sms/twilio/message"
        signature = twilio_signature(token, url, sms)
        self.client.post("/sms/twilio/message", data=sms, headers={"X-Twilio-Signature": signature})

    def chats(self) -> None:
        contact = {"phone_number": self.mother["phone"][1:], "user_id": self.chat}
        for content in ({"text": "/qr"}, {"contact": contact}, {"text": PLACE}):
            self.updates += 1
            who = {"id": self.chat, "is_bot": False, "first_name": self.mother["name"]}
            message = {"message_id": 1, "chat": {**who, "type": "private"}, "from": who, **content}
            secret = self.house.settings.telegram_webhook_secret.get_secret_value()
            self.client.post(
                "/bot/telegram/webhook",
                json={"update_id": self.updates, "message": message},
                headers={"X-Telegram-Bot-Api-Secret-Token": secret},
            )

    def chats_on_zalo(self) -> None:
        settings = self.house.settings
        events = Events(
            app_id=settings.zalo_app_id,
            oa_id="1022",
            secret=settings.zalo_oa_secret.get_secret_value(),
        )
        for event in (
            events.follows(ZALO),
            *(events.says(ZALO, said) for said in ("1", self.mother["phone"], PLACE)),
            events.submits(ZALO, self.mother["phone"]),
            events.echo(ZALO, admin="9"),
            events.says(ZALO, PLACE),
        ):
            body = json.dumps(event, ensure_ascii=False).encode()
            answer = self.client.post("/bot/zalo/webhook", data=body, headers=events.signed(body))
            assert answer.status_code == 200

    def is_checked(self) -> None:
        key = self.house.settings.officer_key.get_secret_value()
        for question in (
            {"payload": self.mother["payload"], "place": f"chốt {self.mother['phone']}"},
            {"code": self.code},
            {"code": "1234 5678 9012"},
        ):
            self.client.post(
                "/api/v1/verify", json=question, headers={"Authorization": f"Bearer {key}"}
            )

    @property
    def code(self) -> str:
        self.phone.dials("1").says("1")
        found = re.search(r"\d{4} \d{4} \d{4}", self.phone.text)
        assert found is not None
        return found[0]

    def is_handled(self) -> None:
        """By a worker, on a day when the platform is away half of the time."""
        worker = working(self.house)
        end = time.monotonic() + 20
        # What failed is claimed again only after a pause, and all behind it waits until then.
        while self._waits() and time.monotonic() < end:
            for one in self.house.inbox.claim(10):
                worker.handle(one)

    def _waits(self) -> bool:
        with self.house.database.begin() as connection:
            return bool(
                connection.exec_driver_sql(
                    "SELECT EXISTS (SELECT FROM inbox WHERE state = 'new')"
                ).scalar()
            )

    def secrets(self) -> set[str]:
        """Whatever must not be read anywhere."""
        mother, settings = self.mother, self.house.settings
        names = {mother["name"], *(one["name"] for one in mother["household"])}
        qids = {mother["qid"], *(one["qid"] for one in mother["household"] if one["qid"])}
        code = self.code
        return {
            mother["phone"], mother["phone"][3:], mother["birthDate"], mother["payload"], PLACE,
            *(paper["number"] for paper in mother["papers"]), *qids, *names,
            *(unaccent(name) for name in names), *(unaccent(name).upper() for name in names),
            code, code.replace(" ", ""), SECRET,
            settings.officer_key.get_secret_value(),
            settings.twilio_auth_token.get_secret_value(),
            settings.telegram_webhook_secret.get_secret_value(),
            ZALO, settings.zalo_oa_secret.get_secret_value(),
            settings.secret_key.get_secret_value(),
        }  # fmt: skip


@pytest.fixture
def story(house: wiring.House, client: FlaskClient, people: dict[str, dict[str, Any]]) -> Story:
    return Story(house, client, people["family-mother"])


def tables(house: wiring.House) -> dict[str, str]:
    """Every row of every table as text; what is stored as bytes also as those bytes."""
    found: dict[str, str] = {}
    with house.database.begin() as connection:
        names = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).scalars()
        for name in names.all():
            rows = connection.exec_driver_sql(f'SELECT t.* FROM "{name}" t').all()
            found[name] = "\n".join(_shown(value) for row in rows for value in row)
    return found


def remembered(house: wiring.House) -> dict[str, str]:
    """Every key of Redis with all that it holds."""
    redis = house.redis
    found: dict[str, str] = {}
    for key in map(bytes, redis.scan_iter(count=1000)):
        kind = redis.type(key)
        held: Any = redis.get(key) if kind == b"string" else _held(redis, key, kind)
        found[key.decode("latin-1")] = f"{_shown(key)} {_shown(held)}"
    return found


def _held(redis: Any, key: Any, kind: Any) -> Any:
    ask = {b"hash": redis.hgetall, b"set": redis.smembers}.get(kind)
    if ask is not None:
        return ask(key)
    return redis.zrange(key, 0, -1) if kind == b"zset" else redis.lrange(key, 0, -1)


def _shown(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_shown)
    return str(value)


def test_nothing_of_a_whole_story_stands_in_clear(story: Story, sandbox: str) -> None:
    with written() as log:
        story.links()
        story.declares()
        httpx2.put(f"{sandbox}/moods/fhir", json={"mood": "down"})
        try:
            story.declares()
        finally:
            httpx2.put(f"{sandbox}/moods/fhir", json={"mood": "well"})
        story.texts()
        story.chats()
        story.chats_on_zalo()
        story.is_handled()
        story.is_checked()
    assert len(log) > 20
    secrets = story.secrets()
    rows, held = tables(story.house), remembered(story.house)
    assert {"person", "inbox", "outgoing", "look_up", "short_code", "consent"} <= rows.keys()
    assert rows["proof"]
    assert rows["talk_line"]
    assert held
    for place, text in {"the log": "\n".join(log), **rows, **held}.items():
        for secret in secrets:
            assert secret not in text, f"{place} tells"


def test_what_breaks_in_the_middle_tells_nothing_either(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours, with everything about the person in its words and in its frames."""
    story.links()
    mother = story.mother
    words = f"{mother['phone']} {paper_of(mother)} {mother['payload']} Bearer {SECRET}"

    def breaks(*_arguments: object, **_named: object) -> None:
        raise ValueError(words) from Down("fhir", words)

    monkeypatch.setattr(type(story.house.codes), "code_for", breaks)
    with written() as log:
        story.phone.dials("1").says("1").sees("Xin loi")
        story.texts()
        story.is_handled()
    assert any("Traceback" in line and "ValueError" in line for line in log)
    for part in (mother["phone"], paper_of(mother), mother["payload"], mother["qid"]):
        assert part not in "\n".join(log)
