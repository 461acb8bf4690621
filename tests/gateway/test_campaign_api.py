"""`/api/v1/campaigns`: what programs may do, and that nothing they send makes us stumble."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from werkzeug.test import TestResponse

from core.clock import VIETNAM
from gateway import app, campaign_parts, wiring
from tests.gateway.conftest import a_house

WRITE, READ, APPROVE = "campaigns:write", "campaigns:read", "campaigns:approve"
NEW: dict[str, Any] = {
    "name": "Kết quả",
    "purpose": "result",
    "template": "result-ready",
    "rows": [
        {"to": "0912345678", "name": "Nguyễn Văn An", "province": "56"},
        {"to": "abc", "name": "Bình"},
        {"to": "+84912345679", "values": {"name": "Chi"}, "ward": "22333"},
    ],
}


class Programs:
    """A maker and an approver, each with a key."""

    def __init__(self, house: wiring.House) -> None:
        self.house = house
        self.client = app.make(house).test_client()
        self.maker = house.api_keys.make("Sở Y tế", (WRITE, READ))
        self.approver = house.api_keys.make("Cục", (APPROVE, READ))
        self.reader = house.api_keys.make("Đài", (READ,))

    def calls(self, method: str, path: str, key: str | None = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {key or self.maker}", **more.pop("headers", {})}
        answer = self.client.open(
            f"/api/v1/campaigns{path}", method=method, headers=headers, **more
        )
        assert answer.status_code < 500, answer.text
        assert "912345678" not in answer.text
        return answer

    def makes(self, body: Any = NEW, **more: Any) -> str:
        answer = self.calls("POST", "", json=body, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def does(
        self, what: str, campaign_id: str, key: str | None = None, **body: Any
    ) -> TestResponse:
        return self.calls("POST", f"/{campaign_id}/{what}", key, json=body)

    def approves(self, campaign_id: str, key: str | None = None) -> TestResponse:
        """Agrees to it as it is read now."""
        seen = self.calls("GET", f"/{campaign_id}").get_json()["campaign"]["edition"]
        return self.does("approve", campaign_id, key or self.approver, edition=seen)


@pytest.fixture(scope="module")
def programs(
    database_url: str, redis_url: str, sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    with (
        pytest.MonkeyPatch.context() as environment,
        a_house(
            environment, tmp_path_factory.mktemp("campaigns"), database_url, redis_url, sandbox
        ) as house,
    ):
        yield Programs(house)


@pytest.fixture(autouse=True)
def _a_key_of_this_test(programs: Programs) -> None:
    """So that no test is held back by the calls of those before it."""
    programs.maker = programs.house.api_keys.make("Sở Y tế", (WRITE, READ))


def test_from_a_draft_to_a_message(programs: Programs) -> None:
    made = programs.makes()
    report = programs.does("check", made).get_json()["report"]
    assert (report["messages"], report["bad"]) == (2, 1)
    assert report["badRows"] == [
        {"row": 2, "reason": "bad number: not made of digits, or of too few or too many"}
    ]
    assert programs.approves(made, programs.maker).status_code == 403
    assert programs.approves(made).get_json()["approver"] == "Cục"
    assert programs.does("start", made).get_json()["state"] == "canary"
    campaign_parts.build(programs.house).feed.step()
    stands = programs.calls("GET", f"/{made}", programs.reader).get_json()
    assert stands["counts"]["queued"] == 2
    assert set(stands["provinces"]) == {"56", ""}
    rows = programs.calls("GET", f"/{made}/rows?limit=2").get_json()
    assert [one["state"] for one in rows["rows"]] == ["queued", "bad"]
    assert rows["rows"][0]["to"] == "+84******678"
    rest = programs.calls("GET", f"/{made}/rows?after={rows['next']}").get_json()
    assert (len(rest["rows"]), rest["next"]) == (1, None)
    assert programs.does("pause", made, province="56").get_json()["paused"] == ["province:56"]
    assert programs.does("resume", made, province="56").status_code == 200
    assert programs.does("resume", made, province="56").status_code == 409
    assert programs.does("pause", made).get_json()["state"] == "paused"
    assert programs.does("resume", made).get_json()["state"] == "canary"
    assert programs.does("stop", made).get_json()["state"] == "stopped"
    counts = programs.calls("GET", f"/{made}").get_json()["counts"]
    assert (counts["stopped"], counts["queued"]) == (2, 0)
    assert programs.does("start", made).status_code == 409


def test_a_csv_file_is_taken_and_corrected(programs: Programs) -> None:
    form = {
        "name": "Tiêm",
        "purpose": "campaign",
        "text": "Chào {name}",
        "textEn": "Hello {name}",
        "notBefore": "2026-12-01T08:00:00+07:00",
        "file": (io.BytesIO("to,name\n0912345678,An\n12,Bình\n".encode()), "a.csv"),
    }
    answer = programs.calls("POST", "", data=form, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.text
    made = answer.get_json()["id"]
    assert programs.does("check", made).get_json()["report"]["bad"] == 1
    file = {"file": (io.BytesIO("SĐT;Họ tên\n0912345678;An\n".encode()), "b.csv")}
    again = programs.calls("PUT", f"/{made}/rows", data=file, content_type="multipart/form-data")
    assert again.get_json()["state"] == "draft"
    report = programs.does("check", made).get_json()["report"]
    assert (report["messages"], report["bad"]) == (1, 0)
    rows = {"rows": [{"to": "0912345678", "name": "An"}], "text": "Chào bạn {name}"}
    assert programs.calls("PUT", f"/{made}/rows", json=rows).status_code == 200


def test_it_says_until_when_nothing_is_sent(programs: Programs) -> None:
    begins = datetime.now(VIETNAM).replace(microsecond=0) + timedelta(days=9)
    made = programs.calls("POST", "", json={**NEW, "notBefore": begins.isoformat()}).get_json()[
        "id"
    ]

    def held() -> str | None:
        found: str | None = programs.calls("GET", f"/{made}").get_json()["heldUntil"]
        return found

    programs.does("check", made)
    programs.approves(made)
    assert held() is None, "nothing is on its way"
    assert programs.does("start", made).status_code == 200
    until = held()
    assert until is not None
    assert datetime.fromisoformat(until) >= begins
    programs.does("pause", made)
    assert held() is None, "it waits for somebody's word"


def test_the_same_request_again_makes_no_second_one(programs: Programs) -> None:
    named = {"Idempotency-Key": "2026-11-25"}
    made = programs.makes(headers=named)
    again = programs.calls("POST", "", json=NEW, headers=named)
    assert (again.status_code, again.get_json()["id"]) == (200, made)


def test_nobody_approves_with_another_key_of_the_same_name(programs: Programs) -> None:
    made = programs.makes()
    programs.does("check", made)
    own = programs.house.api_keys.make("sở y tế", (APPROVE,))
    refused = programs.approves(made, own)
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "same-person")


def test_what_was_changed_since_it_was_seen_is_not_approved(programs: Programs) -> None:
    made = programs.makes()
    programs.does("check", made)
    assert programs.calls("PUT", f"/{made}/rows", json={"rows": NEW["rows"]}).status_code == 200
    programs.does("check", made)
    refused = programs.does("approve", made, programs.approver, edition=1)
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "another-edition")
    stands = programs.calls("GET", f"/{made}").get_json()["campaign"]
    assert (stands["edition"], stands["state"], stands["template"]) == (
        2,
        "checked",
        "result-ready",
    )
    assert programs.does("approve", made, programs.approver, edition=2).status_code == 200


@pytest.mark.parametrize("seen", [{}, {"edition": 0}, {"edition": "1"}, {"edition": True}, []])
def test_an_approval_names_an_edition(programs: Programs, seen: Any) -> None:
    made = programs.makes()
    programs.does("check", made)
    answer = programs.calls("POST", f"/{made}/approve", programs.approver, json=seen)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PUT", "/0123456789/rows"), ("POST", "/0123456789/start"),
     ("POST", "/0123456789/pause"), ("POST", "/0123456789/approve"),
     ("POST", "/0123456789/check"), ("POST", "/0123456789/resume"), ("POST", "/0123456789/stop")],
)  # fmt: skip
def test_a_key_does_what_its_scopes_say(programs: Programs, method: str, path: str) -> None:
    refused = programs.calls(method, path, programs.reader, json=NEW)
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "wrong-scope")
    assert programs.calls(method, path, "mc_nobody_0", json=NEW).status_code == 401


def test_a_test_key_sends_nothing(programs: Programs) -> None:
    key = programs.house.api_keys.make("Thử", (WRITE,), test=True)
    made = programs.calls("POST", "", key, json=NEW).get_json()["id"]
    programs.does("check", made)
    programs.approves(made)
    refused = programs.does("start", made)
    assert refused.status_code == 409
    assert "test key" in refused.get_json()["message"]


def test_the_list_has_pages(programs: Programs) -> None:
    made = [programs.makes() for _ in range(3)]
    first = programs.calls("GET", "?limit=2").get_json()
    assert [one["id"] for one in first["campaigns"]] == made[:0:-1]
    rest = programs.calls("GET", f"?limit=2&after={first['next']}").get_json()
    assert rest["campaigns"][0]["id"] == made[0]


WRONG: tuple[tuple[dict[str, Any], int], ...] = (
    ({}, 400),
    ({**NEW, "rows": "x"}, 400),
    ({**NEW, "rows": [1]}, 400),
    ({**NEW, "rows": []}, 422),
    ({**NEW, "purpose": "reply"}, 400),
    ({**NEW, "name": ""}, 400),
    ({**NEW, "name": "a\nb"}, 422),
    ({**NEW, "name": "\ud800"}, 400),
    ({**NEW, "more": 1}, 400),
    ({**NEW, "text": "both {name}"}, 422),
    ({**NEW, "template": "nothing"}, 422),
    ({**NEW, "template": None}, 422),
    ({**NEW, "template": None, "textEn": "Hello"}, 422),
    ({**NEW, "template": None, "text": "{name.__class__}"}, 422),
    ({**NEW, "template": None, "text": "{"}, 422),
    ({**NEW, "template": None, "text": "a\0b"}, 422),
    ({**NEW, "notBefore": "tomorrow"}, 400),
    ({**NEW, "notBefore": "2026-12-01T08:00:00"}, 400),
    (
        {**NEW, "notBefore": "2026-12-02T08:00:00Z", "usefulUntil": "2026-12-01T08:00:00Z"},
        422,
    ),
)


@pytest.mark.parametrize(("body", "status"), WRONG)
def test_what_cannot_be_made_is_said(programs: Programs, body: Any, status: int) -> None:
    answer = programs.calls("POST", "", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.text
    assert answer.get_json()["message"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"[" * 90_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"to,name\n", "text/csv", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=y", 400),
        (b"x" * 33_000_000, "application/json", 413),
        (b"x" * 33_000_000, "multipart/form-data; boundary=y", 413),
    ],
    ids=range(9),
)
def test_what_is_no_request(programs: Programs, body: bytes, kind: str, status: int) -> None:
    assert programs.calls("POST", "", data=body, content_type=kind).status_code == status


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"", "There is not a single row."),
        (b"to\n0912345678\n", "name is not among them"),
        (b"to,to,name\n", "The column to is there twice."),
        (b"to,name\n\xff\xfe,1\n", "Line 2 is not UTF-8"),
        (b'to,name\n"0912345678,An\n', "is no CSV: look at its quotes"),
        (b"to,name\n0912\0,An\n", "holds a zero byte"),
        (b"to,name\n" + b"9" * 30_000, "is longer than"),
        (b"a," * 50 + b"\n", "more than 40 columns"),
    ],
)
def test_a_file_that_is_no_table(programs: Programs, file: bytes, said: str) -> None:
    form = {**NEW, "file": (io.BytesIO(file), "a.csv")}
    form.pop("rows")
    answer = programs.calls("POST", "", data=form, content_type="multipart/form-data")
    assert answer.status_code == 422, answer.text
    if file:
        assert said in answer.get_json()["message"]


@pytest.mark.parametrize("campaign_id", ["0123456789", "x", "%00", "..", "' OR 1=1", "0" * 3000])
def test_a_campaign_that_is_not_there(programs: Programs, campaign_id: str) -> None:
    assert programs.calls("GET", f"/{campaign_id}").status_code in (404, 414)
    assert programs.does("start", campaign_id).status_code in (404, 405)
    assert programs.calls("GET", f"?after={campaign_id}").status_code == 404


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "limit=99999", "after=-1", "after=99999999999",
              "state=gone", "limit=%D9%A1", "after=1.5"]
)  # fmt: skip
def test_pages_that_are_none(programs: Programs, query: str) -> None:
    made = programs.makes()
    assert programs.calls("GET", f"/{made}/rows?{query}").status_code == 400


@pytest.mark.parametrize(
    "part",
    [{"province": ""}, {"province": 5}, {"province": "a b"}, {"ward": "\0"}, {"all": True},
     {"province": "1", "ward": "2"}, [], "x"],
)  # fmt: skip
def test_a_part_that_is_none(programs: Programs, part: Any) -> None:
    made = programs.makes()
    assert programs.calls("POST", f"/{made}/pause", json=part).status_code == 400


@pytest.mark.parametrize(
    "schedule",
    [
        {"notBefore": "9999-12-31T23:59:59-23:00"},
        {"usefulUntil": "9999-12-31T23:59:59-23:30"},
        {"notBefore": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_schedule_at_the_ends_of_the_calendar(
    programs: Programs, schedule: dict[str, str]
) -> None:
    answer = programs.calls("POST", "", json={**NEW, **schedule})
    assert answer.status_code == 422
    assert "more than a year away" in answer.get_json()["message"]


ANYTHING = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    field=some.sampled_from([*NEW, "text", "textEn", "notBefore", "usefulUntil"]), value=ANYTHING
)
def test_any_json_in_any_field(programs: Programs, field: str, value: Any) -> None:
    body = json.dumps({**NEW, field: value})
    answer = programs.calls("POST", "", data=body, content_type="application/json")
    assert answer.status_code in (201, 400, 422)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    field=some.sampled_from(["to", "name", "values", "province", "ward", "language"]),
    value=ANYTHING,
)
def test_any_json_in_any_row(programs: Programs, field: str, value: Any) -> None:
    body = json.dumps({**NEW, "rows": [{**NEW["rows"][0], field: value}]})
    answer = programs.calls("POST", "", data=body, content_type="application/json")
    assert answer.status_code == 201, answer.text
    assert programs.does("check", answer.get_json()["id"]).status_code == 200


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=some.binary(max_size=300)
    | some.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_file(programs: Programs, table: bytes) -> None:
    for head in (b"", b"to,name\n"):
        form = {**NEW, "file": (io.BytesIO(head + table), "a.csv")}
        form.pop("rows")
        answer = programs.calls("POST", "", data=form, content_type="multipart/form-data")
        assert answer.status_code in (201, 422), answer.text
