"""Operators read and answer talks: who may, what they see, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from bot.voice import ChatVoice
from core.clock import now
from core.message import Address, Channel, Inbound
from core.people.accounts import Person
from core.people.hours import Hours
from core.store.api_keys import ApiKeys
from core.store.audit import LookUps
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.tables import look_up
from core.store.talks import StoredTalks
from core.store.vault import Vault
from web import errors, limits, openapi, talks, talks_openapi

CHAT = Address("telegram", "5551001")
SAID = "Con tôi sốt ba hôm nay"


@dataclass
class Office:
    """An operator's desk: calls the API with a key of these scopes."""

    client: FlaskClient
    talks: StoredTalks
    keys: ApiKeys
    database: Database
    key: str = ""
    count: int = field(default=0)

    def writes(self, said: str) -> None:
        self.count += 1
        inbound = Inbound(Channel.CHAT, "telegram", CHAT, "5551001", str(self.count), said=(said,))
        assert self.talks.hear(inbound) == "theirs"

    def asks(self, method: str, path: str, **sent: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}", **sent.pop("headers", {})}
        return self.client.open(f"/api/v1/talks{path}", method=method, headers=headers, **sent)

    def the_talk(self) -> str:
        (one,) = self.asks("GET", "").get_json()["talks"]
        return str(one["id"])

    def answers(self, talk_id: str, text: object, key: str = "1") -> TestResponse:
        headers = {"Idempotency-Key": key}
        return self.asks("POST", f"/{talk_id}/lines", json={"text": text}, headers=headers)


@pytest.fixture
def office(fresh_database_url: str, clean_redis: str) -> Iterator[Office]:
    database = Database(fresh_database_url, pool_size=2)
    vault = Vault([("k1", bytes(32))], b"the secret of the tests")
    stored = StoredTalks(
        database,
        vault,
        now,
        Outbox(database, vault, now),
        {"telegram": ChatVoice()},
        Hours.read("always"),
        timedelta(minutes=30),
    )
    app = Flask("tests")
    errors.install(app)
    keys = ApiKeys(database, now)
    limiter = limits.limiter(clean_redis)
    audit = LookUps(database, vault, now)
    app.register_blueprint(talks.blueprint(talks=stored, keys=keys, audit=audit, limiter=limiter))
    limiter.init_app(app)
    made = Office(app.test_client(), stored, keys, database)
    made.key = keys.make("operator", (talks.READ, talks.WRITE))
    stored.ask(CHAT, Person("p", "vi"))
    made.writes(SAID)
    yield made
    database.close()


def test_an_operator_lists_reads_answers_and_ends_a_talk(office: Office) -> None:
    talk = office.the_talk()
    read = office.asks("GET", f"/{talk}").get_json()
    assert [(line["by"], line["text"]) for line in read["lines"]] == [("person", SAID)]
    assert read["network"] == "telegram"
    assert read["waitingSince"] is not None
    assert "5551001" not in str(read), "who it is stays with us"
    assert office.answers(talk, "Chị đưa cháu tới trạm nhé.").status_code == 202
    assert office.answers(talk, "Chị đưa cháu tới trạm nhé.").status_code == 202
    read = office.asks("GET", f"/{talk}").get_json()
    assert [line["by"] for line in read["lines"]] == ["person", "operator"]
    assert read["lines"][1]["status"] == "queued"
    for _again in range(2):
        assert office.asks("POST", f"/{talk}/close").status_code == 202
    assert office.answers(talk, "Còn gì nữa không?", key="2").status_code == 409
    assert office.asks("GET", "").get_json() == {"talks": []}
    (ended,) = office.asks("GET", "?state=closed").get_json()["talks"]
    assert ended["ending"] == "operator"


def test_reading_is_written_down(office: Office) -> None:
    talk = office.the_talk()
    office.asks("GET", f"/{talk}")
    with office.database.begin() as connection:
        rows = connection.execute(select(look_up.c.kind, look_up.c.outcome)).all()
    assert [tuple(row) for row in rows] == [("talk", "found")]


@pytest.mark.parametrize(
    ("scopes", "may_read", "may_write"),
    [(("verify", "messages"), 403, 403), ((talks.READ,), 200, 403), ((talks.WRITE,), 403, 202)],
)
def test_a_key_does_what_its_scopes_say(
    office: Office, scopes: tuple[str, ...], may_read: int, may_write: int
) -> None:
    talk = office.the_talk()
    office.key = office.keys.make("other", scopes)
    assert office.asks("GET", "").status_code == may_read
    assert office.asks("GET", f"/{talk}").status_code == may_read
    assert office.answers(talk, "Chào chị").status_code == may_write
    assert office.asks("POST", f"/{talk}/close").status_code == may_write
    office.key = "mc_0_guessed"
    for method, path in (("GET", ""), ("GET", f"/{talk}"), ("POST", f"/{talk}/close")):
        assert office.asks(method, path).status_code == 401


@pytest.mark.parametrize("text", ["", "   ", None, 7, ["x"], "x" * 1501, "\ud800"])
def test_what_is_no_line_is_refused(office: Office, text: object) -> None:
    talk = office.the_talk()
    answer = office.answers(talk, text)
    assert answer.status_code == 400
    assert answer.get_json()["fields"] == ["text"]
    assert len(office.asks("GET", f"/{talk}").get_json()["lines"]) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 5000, b"\xff", b'{"text": "x", "y": 1}'])
def test_what_is_no_json_is_refused(office: Office, body: bytes) -> None:
    path = f"/{office.the_talk()}/lines"
    headers = {"Idempotency-Key": "1"}
    sent = {"data": body, "content_type": "application/json", "headers": headers}
    assert office.asks("POST", path, **sent).status_code == 400
    sent["content_type"] = "text/plain"
    assert office.asks("POST", path, **sent).status_code == 415
    sent |= {"data": b"x" * 30_000, "content_type": "application/json"}
    assert office.asks("POST", path, **sent).status_code in (400, 413)


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_line_needs_a_key_of_its_own(office: Office, key: str) -> None:
    assert office.answers(office.the_talk(), "Chào chị", key=key).status_code == 400


def test_there_is_no_such_talk(office: Office) -> None:
    for wrong in ("x", "00000000-0000-0000-0000-000000000000"):
        assert office.asks("GET", f"/{wrong}").status_code == 404
        assert office.answers(wrong, "Chào chị").status_code == 404
        assert office.asks("POST", f"/{wrong}/close").status_code == 404


def test_the_document_describes_the_answers() -> None:
    operations = (*openapi.OPERATIONS, *talks_openapi.OPERATIONS)
    written = openapi.document("https://motcua.example.vn", operations)
    paths = written["paths"]
    assert {"get"} == paths["/api/v1/talks"].keys()
    one = paths["/api/v1/talks/{id}/lines"]["post"]
    assert [part["name"] for part in one["parameters"]] == ["id"]
    assert {"202", "400", "401", "403", "404", "409", "413", "415", "429"} <= one[
        "responses"
    ].keys()
    names = [path[method]["operationId"] for path in paths.values() for method in path]
    assert len(names) == len(set(names))
    talk = written["components"]["schemas"]["Talk"]["properties"]
    assert talk.keys() >= {"waitingSince", "lines", "byHand", "ending"}
