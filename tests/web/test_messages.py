"""Programs have messages sent: all or none, once, told clearly what is wrong, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.message import Address, Channel
from core.message import Page as PageShown
from core.outbox.outgoing import Lane, Outgoing, Purpose, Receipt, Status
from core.outbox.ports import Begin, Done, Sent
from core.store.tables import look_up
from core.store.upkeep import Upkeep
from tests.web.sending import TEXT, Program, program
from web.messages import Rates
from web.messages_reading import REASONS


@pytest.fixture
def lab(fresh_database_url: str, clean_redis: str) -> Iterator[Program]:
    yield from program(fresh_database_url, clean_redis)


def waiting(lab: Program) -> list[Outgoing]:
    return [one.outgoing for one in lab.outbox.claim(2000)]


def test_messages_are_taken_in_their_order(lab: Program) -> None:
    rows = [{**TEXT, "to": f"09123456{number:02}"} for number in range(30)]
    answer = lab.posts({"messages": rows})
    assert answer.status_code == 202
    assert (answer.get_json()["result"], answer.get_json()["test"]) == ("accepted", False)
    kept = waiting(lab)
    assert [one.id for one in kept] == [one["id"] for one in answer.get_json()["messages"]]
    assert [one.address.value for one in kept] == [f"+849123456{number:02}" for number in range(30)]
    assert {(one.purpose, one.lane) for one in kept} == {(Purpose.RESULT, Lane.NORMAL)}


def test_one_alone_needs_no_list(lab: Program) -> None:
    assert len(lab.posts(TEXT).get_json()["messages"]) == 1
    assert waiting(lab)[0].page.text == "Xin chao", "plain letters are cheaper"


def test_a_template_speaks_the_readers_language(lab: Program) -> None:
    lan = lab.people.find(Address("phone", "+84987654321"))
    lab.people.speak(lan.id, "en", None)
    by_name = {"template": "result-ready", "values": {"name": "Nguyễn Văn An"}, "purpose": "result"}
    lab.sends(
        {"to": "+84987654321", **by_name},
        {"to": "+84912345678", **by_name},
        {"to": "+84912345679", **by_name, "language": "en"},
        {"to": "+84912345670", **by_name, "accents": True},
    )
    english = "A test result of Nguyen V** A** is ready. Reply KQ to read it."
    texts = [one.page.text for one in waiting(lab)]
    assert texts[0] == texts[2] == english
    assert texts[1].isascii()
    assert "Nguyễn V** A**" in texts[3]


def test_the_same_request_again_gets_the_same_answer(lab: Program) -> None:
    first = lab.posts({"messages": [TEXT, {**TEXT, "purpose": "ticket"}]})
    assert "Idempotent-Replayed" not in first.headers
    lab.passes(hours=30)
    again = lab.posts(
        {"messages": [dict(reversed(list(TEXT.items()))), {**TEXT, "purpose": "ticket"}]}
    )
    assert (again.status_code, again.get_json()) == (202, first.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert lab.kept() == 2


def test_a_repeat_is_answered_even_when_it_would_be_too_late_by_now(lab: Program) -> None:
    row = {**TEXT, "uselessAfter": "2026-11-23T10:00:00+07:00"}
    first = lab.posts(row)
    lab.passes(hours=5)
    assert lab.posts(row).get_json() == first.get_json()
    assert lab.posts(row, "r2").get_json()["problems"][0]["reason"] == "never-useful"


def test_the_same_idempotency_key_with_another_body_is_refused(lab: Program) -> None:
    lab.posts(TEXT)
    answer = lab.posts({**TEXT, "text": "Khác"})
    assert (answer.status_code, answer.get_json()["reason"]) == (422, "another-body")
    assert lab.kept() == 1


def test_a_forgotten_idempotency_key_is_a_new_one(lab: Program) -> None:
    before = lab.sends(TEXT)
    lab.passes(days=8)
    Upkeep(lab.database, lambda: lab.now).forget()
    answer = lab.posts({**TEXT, "text": "Another one"}, "r1").get_json()
    (message,) = answer["messages"]
    assert not message["repeated"]
    assert message["id"] not in before
    assert lab.kept() == 2
    again = lab.posts({**TEXT, "text": "Another one"}, "r1")
    assert again.get_json() == answer


def test_one_request_from_four_at_once_is_one_request(lab: Program) -> None:
    body = {"messages": [{**TEXT, "text": f"Tin {number}"} for number in range(50)]}
    with ThreadPoolExecutor(4) as callers:
        answers = list(callers.map(lambda _: lab.posts(body), range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.get_data() for answer in answers}) == 1
    assert lab.kept() == 50


def test_a_messages_own_key_holds_across_requests(lab: Program) -> None:
    (first,) = lab.sends({**TEXT, "key": "mẫu 31"})
    answer = lab.posts({"messages": [{**TEXT, "key": "mẫu 31"}, {**TEXT, "key": "mẫu 32"}]}, "r2")
    told = answer.get_json()["messages"]
    assert [(one["id"] == first, one["repeated"]) for one in told] == [(True, True), (False, False)]
    other = lab.keys.make("clinic", ("messages:send",))
    elsewhere = lab.posts({**TEXT, "key": "mẫu 31"}, "r1", other).get_json()["messages"][0]
    assert elsewhere["id"] != first
    assert not elsewhere["repeated"], "other keys' names are their own"


def test_a_test_key_sends_nothing(lab: Program) -> None:
    trial = lab.keys.make("lab, trying", ("messages:send", "messages:read"), test=True)
    answer = lab.posts({**TEXT, "key": "a"}, "r1", trial)
    assert (answer.status_code, answer.get_json()["test"]) == (202, True)
    assert waiting(lab) == []
    (one,) = answer.get_json()["messages"]
    told = lab.reads(f"/{one['id']}", trial).get_json()
    assert (told["test"], told["status"], told["words"]) == (True, "stopped", "a test: not sent")
    assert lab.posts({**TEXT, "to": "1"}, "r2", trial).status_code == 422


@pytest.mark.parametrize(
    ("row", "reason", "fields"),
    [
        ({"to": "0912"}, "bad-number", None),
        ({"to": "024 3826 2222"}, "cannot-be-texted", None),
        ({"text": "a" * 2001}, "malformed", ["text"]),
        ({"text": "ă" * 500}, "too-long", None),
        ({"text": " \n "}, "unreadable-text", None),
        ({"text": "a\x00b"}, "unreadable-text", None),
        ({"text": "a\ud800b"}, "malformed", ["text"]),
        ({"template": "result-ready"}, "text-or-template", None),
        ({"values": {"name": "An"}}, "text-or-template", None),
        ({"text": None}, "text-or-template", None),
        ({"text": None, "template": "nobody's"}, "unknown-template", None),
        ({"text": None, "template": "dose-due", "values": {"name": "An"}}, "bad-values", ["day"]),
        (
            {"text": None, "template": "dose-due", "values": {"name": " ", "day": "30/11"}},
            "bad-values",
            ["day", "name"],
        ),
        ({"language": "fr"}, "unknown-language", None),
        ({"purpose": "reply"}, "purpose", None),
        ({"purpose": "code"}, "purpose", None),
        ({"uselessAfter": "2026-11-23T08:30:00+07:00"}, "never-useful", None),
        ({"notBefore": "9999-12-31T23:59:59Z"}, "too-far", None),
        ({"notBefore": "2026-11-24T08:30:00"}, "malformed", ["notBefore"]),
        ({"notBefore": 5e300}, "malformed", ["notBefore"]),
        ({"to": 84912345678}, "malformed", ["to"]),
        ({"to": None}, "malformed", ["to"]),
        ({"+84912345678": 1}, "malformed", None),
        ({"key": ""}, "malformed", ["key"]),
    ],
)
def test_what_is_wrong_is_told_by_place_and_reason(
    lab: Program, row: dict[str, Any], reason: str, fields: list[str] | None
) -> None:
    answer = lab.posts({"messages": [TEXT, {**TEXT, **row}]})
    told = answer.get_json()
    assert (answer.status_code, told["reason"]) == (422, "bad-messages")
    (problem,) = told["problems"]
    assert (problem["index"], problem["reason"], problem.get("fields")) == (1, reason, fields)
    assert problem["message"]
    assert "912345678" not in answer.text
    assert lab.kept() == 0, "all or none"
    assert lab.posts(TEXT).status_code == 202, "a refused request does not use up its key"


def test_every_reason_has_its_sentence(lab: Program) -> None:
    row = {**TEXT, "key": "a"}
    told = lab.posts({"messages": [row, row]}).get_json()["problems"]
    assert told == [{"index": 1, "reason": "same-key-twice", "message": REASONS["same-key-twice"]}]


def test_of_many_problems_the_first_hundred_are_told(lab: Program) -> None:
    answer = lab.posts({"messages": [{**TEXT, "to": "1"}] * 150}).get_json()
    assert len(answer["problems"]) == 100
    assert "150" in answer["message"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "malformed-request"),
        (b"{", 400, "malformed-request"),
        (b"\xff", 400, "malformed-request"),
        (b"[" * 100_000, 400, "malformed-request"),
        (b"[]", 400, "malformed-request"),
        (b'{"messages": {}}', 400, "malformed-request"),
        (b'{"messages": [], "more": 1}', 400, "malformed-request"),
        (b'{"messages": []}', 400, "no-messages"),
        (json.dumps({"messages": [0] * 1001}).encode(), 413, "too-many-messages"),
        (b" " * 2_000_001, 413, "too-large"),
    ],
)
def test_what_is_no_request_is_refused(lab: Program, body: bytes, status: int, reason: str) -> None:
    headers = {**lab.bearer(), "Idempotency-Key": "r", "Content-Type": "application/json"}
    answer = lab.client.post("/api/v1/messages", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["reason"]) == (status, reason)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "é"])
def test_a_request_needs_a_name(lab: Program, name: str) -> None:
    answer = lab.posts(TEXT, name)
    assert (answer.status_code, answer.get_json()["reason"]) == (400, "no-idempotency-key")
    headers = lab.bearer()
    assert lab.client.post("/api/v1/messages", json=TEXT, headers=headers).status_code == 400
    form = lab.client.post("/api/v1/messages", data={"to": "1"}, headers=headers)
    assert form.status_code == 415


def test_scopes_hold(lab: Program) -> None:
    (mine,) = lab.sends(TEXT)
    sender = lab.keys.make("a", ("messages:send", "verify"))
    reader = lab.keys.make("b", ("messages:read",))
    operator = lab.keys.make("c", ("messages:read", "messages:all"))
    assert lab.posts(TEXT, "r", reader).status_code == 403
    assert lab.reads("", sender).status_code == 403
    assert lab.reads(f"/{mine}", sender).status_code == 403
    assert lab.reads(f"/{mine}", reader).status_code == 404, "somebody else's is nobody's"
    assert lab.reads(f"/{mine}", operator).status_code == 200
    assert lab.reads(f"/{mine}").status_code == 200
    for wrong in ("", "mc_0123456789ab_0123456789abcdef0123456789abcdef"):
        assert lab.posts(TEXT, "r", wrong).status_code == 401
        assert lab.reads("", wrong).status_code == 401


def test_a_messages_whole_life_can_be_read(lab: Program) -> None:
    (name,) = lab.sends(TEXT)
    (first,) = lab.outbox.claim(1)
    lab.outbox.write([Begin(first, 1, "esms", 1, Decimal(400))])
    lab.passes(seconds=1)
    lab.outbox.later(first, lab.now, "HTTP 503", counted=True)
    (second,) = lab.outbox.claim(1)
    lab.outbox.write([Begin(second, 1, "kannel", 1, Decimal(300))])
    lab.passes(seconds=1)
    lab.outbox.write([Done(second, "kannel", Sent("K-1", 1), Decimal(300))])
    lab.passes(seconds=3)
    lab.outbox.settle(Receipt("kannel", "K-1", Status.DELIVERED, "ok"))
    told = lab.reads(f"/{name}").get_json()
    assert (told["status"], told["to"], told["segments"]) == ("delivered", "+84******678", 1)
    assert (told["provider"], told["cost"]) == ("kannel", "300.0000")
    assert [(one["provider"], one["outcome"]) for one in told["attempts"]] == [
        ("esms", "later"),
        ("kannel", "sent"),
    ]
    assert [(one["what"], one["provider"]) for one in told["timeline"]] == [
        ("queued", None),
        ("given", "esms"),
        ("not-taken", "esms"),
        ("given", "kannel"),
        ("sent", "kannel"),
        ("receipt-delivered", "kannel"),
        ("delivered", "kannel"),
    ]
    assert told["createdAt"] == "2026-11-23T08:30:00+07:00"
    assert "912345" not in json.dumps(told)


@pytest.mark.parametrize("name", ["x", "0b8f3c4e-96a3-4c1e-9f6e-5f1b9f3f7a01", "%00", "🦆"])
def test_an_id_that_is_none_is_unknown(lab: Program, name: str) -> None:
    assert lab.reads(f"/{name}").status_code == 404


def test_messages_are_listed_page_by_page(lab: Program) -> None:
    names = lab.sends(*({**TEXT, "text": f"Tin {number}"} for number in range(5)))
    other = lab.keys.make("clinic", ("messages:send",))
    lab.posts(TEXT, "r", other)
    seen, cursor = [], ""
    while True:
        page = lab.reads(f"?limit=2{cursor}").get_json()
        seen += [one["id"] for one in page["messages"]]
        if page["cursor"] is None:
            break
        cursor = f"&cursor={page['cursor']}"
    assert seen == names[::-1]
    assert lab.reads("?status=failed").get_json() == {"messages": [], "cursor": None}


def test_an_operator_lists_everybodys_failed_ones(lab: Program) -> None:
    lab.sends(TEXT)
    (one,) = lab.outbox.claim(1)
    lab.outbox.end(one, Status.FAILED, "no such number")
    operator = lab.keys.make("c", ("messages:read", "messages:all"))
    (failed,) = lab.reads("?status=failed", operator).get_json()["messages"]
    assert (failed["id"], failed["words"]) == (one.outgoing.id, "no such number")
    assert lab.reads("", operator).get_json()["messages"] == []


def test_messages_are_found_by_number(lab: Program) -> None:
    mine = lab.sends(*({**TEXT, "text": f"Tin {number}"} for number in range(5)))
    lab.sends({**TEXT, "to": "+84987654321"}, name="r2")
    other = lab.keys.make("clinic", ("messages:send",))
    (theirs,) = [one["id"] for one in lab.posts(TEXT, "r", other).get_json()["messages"]]
    (first, _second) = lab.outbox.claim(2)
    lab.outbox.end(first, Status.FAILED, "no such number")
    first_page = lab.searches({"to": "0912 345 678", "limit": 3}).get_json()
    rest = lab.searches({"to": TEXT["to"], "limit": 3, "cursor": first_page["cursor"]}).get_json()
    found = [*first_page["messages"], *rest["messages"]]
    assert [one["id"] for one in found] == mine[::-1]
    assert {one["status"] for one in found} == {"queued", "sending", "failed"}
    assert rest["cursor"] is None
    (failed,) = lab.searches({"to": TEXT["to"], "status": "failed"}).get_json()["messages"]
    assert failed["id"] == first.outgoing.id
    operator = lab.keys.make("c", ("messages:read", "messages:all"))
    everybodys = lab.searches({"to": TEXT["to"]}, operator).get_json()["messages"]
    assert [one["id"] for one in everybodys] == [theirs, *mine[::-1]]
    assert lab.searches({"to": TEXT["to"]}, other).status_code == 403


def test_messages_to_a_persons_chat_are_found_by_their_number(lab: Program) -> None:
    chat = Address("telegram", "4711")
    lab.people.prove(chat, "+84912345678")
    with lab.database.begin() as connection:
        lab.outbox.put(
            connection, Outgoing("n1", chat, Channel.CHAT, PageShown("Chào"), Purpose.RESULT)
        )
    operator = lab.keys.make("c", ("messages:read", "messages:all"))
    (one,) = lab.searches({"to": "+84912345678"}, operator).get_json()["messages"]
    assert one["network"] == "telegram"
    assert lab.searches({"to": "+84912345678"}).get_json()["messages"] == []


def test_every_search_is_written_down(lab: Program) -> None:
    lab.searches({"to": "+84912345678"})
    with lab.database.begin() as connection:
        (row,) = connection.execute(select(look_up)).all()
    assert (row.kind, row.outcome) == ("messages", "read")
    assert row.subject_index is not None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "malformed-request"),
        ([], "malformed-request"),
        ({"to": 84912345678}, "malformed-request"),
        ({"to": ""}, "bad-number"),
        ({"to": "+84912345678\ud800"}, "malformed-request"),
        ({"to": "x" * 31}, "malformed-request"),
        ({"to": "+84912345678", "cursor": "-1"}, "malformed-request"),
        ({"to": "+84912345678", "cursor": "9" * 500}, "malformed-request"),
        ({"to": "+84912345678", "limit": 201}, "malformed-request"),
        ({"to": "+84912345678", "status": "lost"}, "malformed-request"),
        ({"to": "+84912345678", "owner": "x"}, "malformed-request"),
    ],
)
def test_a_search_for_nothing_is_refused(lab: Program, body: Any, reason: str) -> None:
    headers = {**lab.bearer(), "Content-Type": "application/json"}
    answer = lab.client.post("/api/v1/messages/search", data=json.dumps(body), headers=headers)
    assert (answer.status_code, answer.get_json()["reason"]) == (400, reason)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=" + "9" * 5000,
        "cursor=-1",
        "status=lost",
        "to=+84",
    ],
)
def test_a_list_of_something_else_is_refused(lab: Program, query: str) -> None:
    assert lab.reads(f"?{query}").status_code == 400


def test_a_key_may_call_only_so_often(fresh_database_url: str, clean_redis: str) -> None:
    for lab in program(fresh_database_url, clean_redis, Rates(key="2/minute")):
        assert [lab.reads("").status_code for _ in range(3)] == [200, 200, 429]


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["+84912345678", "result", "2026-11-30", "2026-12-01T08:00:00+07:00", "vi"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
_ROW = st.fixed_dictionaries(
    {},
    optional={
        name: _JSON | st.just(TEXT.get(name, "vi"))
        for name in (
            *("to", "purpose", "text", "template", "values", "key", "language", "accents"),
            *("notBefore", "uselessAfter"),
        )
    },
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_ROW, max_size=3).map(lambda rows: {"messages": rows}) | _ROW | _JSON, st.data())
def test_whatever_is_sent_nothing_breaks(lab: Program, body: object, data: st.DataObject) -> None:
    name = data.draw(st.uuids()).hex
    answer = lab.posts(body, name)
    assert answer.status_code in (202, 400, 413, 415, 422, 429), answer.text
    before = lab.kept()
    again = lab.posts(body, name)
    assert (again.status_code, again.get_json()) == (answer.status_code, answer.get_json())
    assert lab.kept() == before


def test_a_failed_message_is_sent_again(lab: Program) -> None:
    (name,) = lab.sends(TEXT)
    operator = lab.keys.make("c", ("messages:replay", "messages:all"))
    stranger = lab.keys.make("d", ("messages:replay",))

    def replays(key: str) -> tuple[int, str | None]:
        answer = lab.client.post(f"/api/v1/messages/{name}/replay", headers=lab.bearer(key))
        return answer.status_code, answer.get_json().get("reason")

    assert replays(operator) == (409, "not-failed")
    (one,) = lab.outbox.claim(1)
    lab.outbox.end(one, Status.FAILED, "no such number")
    assert replays(lab.key) == (403, "wrong-scope")
    assert replays(stranger) == (404, "unknown")
    assert replays(operator) == (202, None)
    assert lab.outbox.claim(1)[0].outgoing.id == name
    assert lab.reads(f"/{name}").get_json()["timeline"][-1]["what"] == "replayed"
