"""The page for programs, held against what the whole house answers: every route, status and field."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from core.outbox.outgoing import Status
from core.outbox.ports import Begin, Done, Sent
from gateway import wiring
from tests.gateway.asking import Gateway
from tests.gateway.conftest import a_house
from tests.json_schema import broken

NOBODY = "00000000-0000-5000-8000-000000000000"
TEXT = {"to": "+84912345678", "text": "Xin chào", "purpose": "result"}
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, "", "\0", "\ud800", "😀", "x" * 5000, [], {}, [[]]),
    *({"": None}, {"a\0": "\ud800"}, ["\ud800"], "' OR 1=1 --", "2026-13-45T99:99", "+84"),
)
HEADERS = ("", "\x7f", "é" * 20, "x" * 5000, "mc_a_" + "b" * 200, "0 ' \" ; --")


class Api:
    """Every answer is held against the page; what is not on it fails."""

    def __init__(self, house: wiring.House) -> None:
        self.house = house
        gateway = Gateway(house)
        self.client = gateway.client
        for limiter in gateway.flask.extensions["limiter"]:
            limiter.enabled = False
        self.seen: Counter[int] = Counter()
        self.page: dict[str, Any] = self.client.get("/api/v1/openapi.json").get_json()
        operator = house.settings.operator_key.get_secret_value()
        officer = house.settings.officer_key.get_secret_value()
        self.bearer = {"Authorization": f"Bearer {operator}"}
        self.officer = {"Authorization": f"Bearer {officer}"}

    @property
    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for path, methods in self.page["paths"].items():
            for method, operation in methods.items():
                yield method, path, operation

    def asks(self, method: str, path: str, real: str | None = None, **more: Any) -> TestResponse:
        """Asks for `real`, which is described as `path`."""
        headers = {**self.bearer, "Idempotency-Key": uuid4().hex, **more.pop("headers", {})}
        answer = self.client.open(real or path, method=method, headers=headers, **more)
        self.seen[answer.status_code] += 1
        said = f"{method} {path} {answer.status_code} {answer.get_data(as_text=True)[:300]}"
        responses = self.page["paths"][path][method.lower()]["responses"]
        described = responses.get(str(answer.status_code))
        assert described is not None, f"not described: {said}"
        contents = described.get("content")
        if contents is None:
            assert not answer.get_data(), said
            return answer
        assert answer.mimetype in contents, said
        if "json" in (answer.mimetype or ""):
            schema = contents[answer.mimetype]["schema"]
            assert list(broken(answer.get_json(), schema, self.page)) == [], said
        return answer


@pytest.fixture(scope="module")
def api(
    own_database_url: str, redis_url: str, sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One for all."""
    with (
        pytest.MonkeyPatch.context() as environment,
        a_house(
            environment, tmp_path_factory.mktemp("page"), own_database_url, redis_url, sandbox
        ) as house,
    ):
        made = Api(house)
        yield made
        assert not made.seen[429], "what is too often for a key is asked of nobody here"


def test_every_route_is_on_the_page_and_nothing_else(api: Api) -> None:
    served = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", "{}", rule.rule))
        for rule in api.client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (method, re.sub("{[^}]+}", "{}", path)) for method, path, _operation in api.operations
    }
    assert served == described


def test_every_example_is_what_the_page_describes(api: Api) -> None:
    for method, path, operation in api.operations:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, example in content.get("examples", {}).items():
            wrong = list(broken(example["value"], content["schema"], api.page))
            assert wrong == [], f"{method} {path} {name}"


def test_the_life_of_a_message_is_as_described(api: Api) -> None:
    taken = api.asks("POST", "/api/v1/messages", json={"messages": [TEXT, TEXT]})
    again = api.asks("POST", "/api/v1/messages", json=TEXT)
    names = [one["id"] for one in taken.get_json()["messages"] + again.get_json()["messages"]]
    claimed = {one.outgoing.id: one for one in api.house.outbox.claim(1000)}
    sent, failed, _waits = (claimed[name] for name in names)
    api.house.outbox.write([Begin(sent, 1, "kannel", segments=1)])
    api.house.outbox.write([Done(sent, "kannel", Sent(uuid4().hex, 1))])
    api.house.outbox.end(failed, Status.FAILED, "no")
    for name in names:
        api.asks("GET", "/api/v1/messages/{id}", f"/api/v1/messages/{name}")
    listed = api.asks("GET", "/api/v1/messages", "/api/v1/messages?limit=2")
    cursor = listed.get_json()["cursor"]
    api.asks("GET", "/api/v1/messages", f"/api/v1/messages?limit=2&cursor={cursor}")
    api.asks("POST", "/api/v1/messages/search", json={"to": TEXT["to"], "limit": 1})
    replay = "/api/v1/messages/{id}/replay"
    for name, status in ((names[1], 202), (names[1], 409), (NOBODY, 404)):
        answer = api.asks("POST", replay, f"/api/v1/messages/{name}/replay")
        assert answer.status_code == status
    bad = api.asks("POST", "/api/v1/messages", json={"messages": [{**TEXT, "to": "1"}, {}]})
    assert bad.status_code == 422


def test_whatever_stands_in_a_body_the_answer_is_on_the_page(api: Api) -> None:
    for method, path, operation in api.operations:
        real = re.sub("{[^}]+}", NOBODY, path)
        fields = ("messages", "to", "text", "rows", "name", "code", "words", "limit", "area")
        bodies = [*ODD, *({name: odd} for name in fields for odd in ODD)]
        for body in bodies if "requestBody" in operation else ODD[:3]:
            api.asks(
                method.upper(), path, real, data=json.dumps(body), content_type="application/json"
            )
        for raw in (b"", b"{", b"\xff", b"[" * 50_000, b'{"a":1e999}', b"1" * 6000):
            api.asks(method.upper(), path, real, data=raw, content_type="application/json")
        api.asks(method.upper(), path, real, data=b"x", content_type="text/plain")


def test_whatever_stands_in_an_address_or_a_header_the_answer_is_on_the_page(api: Api) -> None:
    for method, path, _operation in api.operations:
        for odd in ("x", "%00", "%ff", "-", "1" * 400, "%F0%9F%98%80", NOBODY[:-1]):
            api.asks(method.upper(), path, re.sub("{[^}]+}", odd, path), json={})
            real = re.sub("{[^}]+}", NOBODY, path)
            for name in ("limit", "cursor", "status", "after", "state") if method == "get" else ():
                api.asks(method.upper(), path, f"{real}?{name}={odd}", json={})
        for odd in HEADERS:
            coded = odd.encode("utf-8", "replace").decode("latin-1")
            for name in ("Authorization", "Idempotency-Key", "X-Forwarded-For"):
                real = re.sub("{[^}]+}", NOBODY, path)
                api.asks(method.upper(), path, real, json={}, headers={name: coded})


def test_who_may_not_is_refused_as_described(api: Api) -> None:
    for method, path, operation in api.operations:
        real = re.sub("{[^}]+}", NOBODY, path)
        nobody = api.asks(method.upper(), path, real, json={}, headers={"Authorization": ""})
        assert nobody.status_code == 401
        if operation["security"] != [{"key": ["verify"]}]:
            officer = api.asks(method.upper(), path, real, json={}, headers=api.officer)
            assert officer.status_code == 403
