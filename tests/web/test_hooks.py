"""The platforms' hooks: proven callers, small JSON, kept once; whatever is sent, never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.notices.ports import Event
from core.store.database import Database
from core.store.events import StoredEvents
from core.store.inbox import Inbox
from core.store.outbox import Outbox
from core.store.tables import event, inbox
from core.store.vault import Vault
from gateway.events import event_of
from web import errors, hooks

SECRET = "the secret of the subscription"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
RESULT: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "obs-1",
    "meta": {"versionId": "2", "lastUpdated": "2026-11-23T11:59:00+07:00"},
    "subject": {"reference": "Patient/p-1"},
    "status": "final",
}
QR = {"qid": "162979388586171101", "version": 3, "at": "2026-11-23T11:59:00+07:00"}


@dataclass
class Hook:
    """The hook of a gateway; `broken` is a store that does not answer."""

    client: FlaskClient
    database: Database
    broken: list[str] = field(default_factory=list)

    def posts(
        self,
        body: object,
        path: str = "/hooks/fhir",
        *,
        secret: str | None = SECRET,
        content_type: str = "application/fhir+json",
    ) -> TestResponse:
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, data=data, headers=headers, content_type=content_type)

    def kept(self) -> tuple[int, int]:
        """How many things, and how many entries in the inbox."""
        with self.database.begin() as connection:
            things = connection.scalar(select(func.count()).select_from(event))
            return things or 0, connection.scalar(select(func.count()).select_from(inbox)) or 0


@pytest.fixture
def hook(fresh_database_url: str) -> Iterator[Hook]:
    database = Database(fresh_database_url, pool_size=2)
    vault = Vault([("k1", bytes(32))], b"the secret of the tests")

    def clock() -> datetime:
        return NOON

    events = StoredEvents(
        database,
        vault,
        clock,
        inbox=Inbox(database, vault, clock),
        outbox=Outbox(database, vault, clock),
    )

    def take(one: Event) -> bool:
        if shown.broken:
            raise ConnectionError(shown.broken[0])
        return events.take(one)

    app = Flask("tests")
    errors.install(app)
    app.register_blueprint(hooks.blueprint(secret=SECRET, event_of=event_of, take=take))
    shown = Hook(app.test_client(), database)
    yield shown
    database.close()


def test_a_resource_is_kept_and_queued_once(hook: Hook) -> None:
    for _ in range(3):
        answer = hook.posts(RESULT)
        assert (answer.status_code, answer.data) == (202, b"")
    assert hook.kept() == (1, 1)
    newer = {**RESULT, "meta": {"versionId": "3", "lastUpdated": "2026-11-23T12:00:00+07:00"}}
    assert hook.posts(newer).status_code == 202
    assert hook.posts(RESULT).status_code == 202
    assert hook.kept() == (1, 2), "the older one that came late is nothing"


def test_a_change_of_a_qr_is_kept_and_queued_once(hook: Hook) -> None:
    for _ in range(2):
        answer = hook.posts(QR, "/hooks/qrqg", content_type="application/json")
        assert answer.status_code == 202
    assert hook.kept() == (1, 1)


@pytest.mark.parametrize("path", ["/hooks/fhir", "/hooks/qrqg"])
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "sécret"])
def test_only_who_knows_the_secret_is_heard(hook: Hook, path: str, secret: str | None) -> None:
    answer = hook.posts(RESULT, path, secret=secret)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert hook.kept() == (0, 0)


@pytest.mark.parametrize("secret", ["", "anything"])
def test_without_a_secret_nobody_is_heard(secret: str) -> None:
    app = Flask("tests")
    app.register_blueprint(hooks.blueprint(secret="", event_of=event_of, take=lambda _: True))
    headers = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().post("/hooks/fhir", json=RESULT, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "path", "content_type", "status"),
    [
        (RESULT, "/hooks/fhir", "text/plain", 415),
        (b"", "/hooks/fhir", "application/fhir+json", 400),
        (b"{", "/hooks/fhir", "application/fhir+json", 400),
        (b"\xff\xfe", "/hooks/fhir", "application/fhir+json", 400),
        (b"[" * 100_000, "/hooks/fhir", "application/fhir+json", 400),
        ([RESULT], "/hooks/fhir", "application/fhir+json", 400),
        ({}, "/hooks/fhir", "application/fhir+json", 422),
        ({"resourceType": "Observation"}, "/hooks/fhir", "application/fhir+json", 422),
        ({**RESULT, "id": "../x"}, "/hooks/fhir", "application/fhir+json", 422),
        ({**RESULT, "text": "x" * 256 * 1024}, "/hooks/fhir", "application/fhir+json", 413),
        ({"version": 1}, "/hooks/qrqg", "application/json", 422),
        ({"qid": "1"}, "/hooks/qrqg", "application/json", 422),
        ({"qid": "1", "version": True}, "/hooks/qrqg", "application/json", 422),
        ({"qid": "1\x00", "version": 1}, "/hooks/qrqg", "application/json", 422),
        ({"qid": "1" * 65, "version": 1}, "/hooks/qrqg", "application/json", 422),
    ],
)
def test_what_is_no_event_is_refused_clearly(
    hook: Hook, body: object, path: str, content_type: str, status: int
) -> None:
    answer = hook.posts(body, path, content_type=content_type)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["message"]
    assert hook.kept() == (0, 0)


def test_a_resource_that_is_no_news_keeps_the_subscription_alive(hook: Hook) -> None:
    assert hook.posts({"resourceType": "Patient", "id": "p-1"}).status_code == 202
    assert hook.kept() == (0, 0)


def test_while_the_store_is_away_the_platform_is_asked_to_call_again(hook: Hook) -> None:
    hook.broken.append("away")
    answer = hook.posts(RESULT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    hook.broken.clear()
    assert hook.posts(RESULT).status_code == 202
    assert hook.kept() == (1, 1)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def distorted(draw: st.DrawFn, whole: dict[str, Any]) -> dict[str, Any]:
    """A good body in which some fields, also inner ones, are replaced by anything at all."""
    body = json.loads(json.dumps(whole))
    for place in (body, body.get("meta"), body.get("subject")):
        if isinstance(place, dict):
            for name in draw(st.sets(st.sampled_from(sorted(place)))):
                place[name] = draw(ANYTHING)
    return dict(body)


def test_whatever_is_sent_there_is_an_answer(hook: Hook) -> None:
    @settings(max_examples=150, deadline=None)
    @given(body=distorted(RESULT) | distorted(QR) | ANYTHING | st.binary(max_size=60))
    def never_fails(body: object) -> None:
        for path in ("/hooks/fhir", "/hooks/qrqg"):
            assert hook.posts(body, path).status_code in (202, 400, 422)

    never_fails()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/hooks/fhir?subscription=motcua-result"),
        ("PUT", "/hooks/fhir/Observation/obs-1"),
        ("POST", "/hooks/fhir/Observation"),
        ("PUT", "/hooks/fhir?subscription=motcua-result/Observation/obs-1"),
    ],
)
def test_a_server_may_put_a_resource_where_a_client_would(
    hook: Hook, method: str, path: str
) -> None:
    """So does HAPI FHIR when a Subscription names a payload."""
    for secret, status in (("guessed", 401), (SECRET, 202)):
        answer = hook.client.open(
            path,
            method=method,
            data=json.dumps(RESULT),
            headers={"Authorization": f"Bearer {secret}"},
            content_type="application/fhir+json",
        )
        assert answer.status_code == status
    assert hook.kept() == (1, 1)


def test_every_resource_of_a_bundle_is_kept_once(hook: Hook) -> None:
    other = {**RESULT, "id": "obs-2"}
    status = {"resourceType": "SubscriptionStatus", "status": "active"}
    entries = [{"resource": one} for one in (status, RESULT, other, RESULT)]
    bundle = {"resourceType": "Bundle", "type": "history", "entry": [*entries, {"fullUrl": "x"}]}
    for _ in range(2):
        assert hook.posts(bundle).status_code == 202
    assert hook.kept() == (2, 2)
    assert hook.posts({"resourceType": "Bundle"}).status_code == 202
    assert hook.posts({**bundle, "entry": entries * 26}).status_code == 413
    assert hook.posts({**bundle, "entry": [{"resource": 7}, 7, None]}).status_code == 202
