"""An officer looks somebody up: what is shown, what is refused, and that all of it is written down."""

from __future__ import annotations

import pytest

from tests.fakes import MOTHER
from tests.web.conftest import Counter, payload_of_mother

MASKED = "NGUYEN T** H** P** K** N** Q**"


def test_a_short_code_shows_just_enough(counter: Counter) -> None:
    answer = counter.shows(code=counter.code())
    assert answer.status_code == 200
    assert answer.get_json() == {
        "result": "valid",
        "name": MASKED,
        "birthYear": 1990,
        "status": "neutral",
        "doses": 2,
        "statusAsOf": "2026-11-23T14:05:00+07:00",
        "statusUntil": None,
        "validUntil": "2026-11-24T08:30:00+07:00",
    }
    assert counter.written() == [("code", "found", True)]


def test_the_code_may_be_typed_as_people_type(counter: Counter) -> None:
    code = counter.code()
    for typed in (f"{code[:4]} {code[4:8]} {code[8:]}", f"{code[:4]}-{code[4:8]}-{code[8:]}", code):
        assert counter.shows(scanned=typed).status_code == 200


def test_a_scanned_payload_is_looked_up_not_believed(counter: Counter) -> None:
    answer = counter.shows(payload=payload_of_mother())
    assert answer.get_json()["name"] == MASKED
    assert answer.get_json()["validUntil"] is None
    assert counter.platforms.calls[0] == "resolve"
    assert counter.written() == [("payload", "found", True)]


@pytest.mark.parametrize(
    ("old", "new", "status", "reason"),
    [
        ("KHANH NGUYET", "KHANH NGOC", 409, "mismatch"),
        ("1990-02-28", "1991-02-28", 409, "mismatch"),
        ("162979388586171101", "162979388586179999", 404, "unknown"),
        ("|0|", "|7|", 422, "malformed"),
        ("1990-02-28", "1990-02-31", 422, "malformed"),
    ],
)
def test_a_forged_payload_is_refused(
    counter: Counter, old: str, new: str, status: int, reason: str
) -> None:
    answer = counter.shows(payload=payload_of_mother().replace(old, new))
    assert (answer.status_code, answer.get_json()["reason"]) == (status, reason)
    (written,) = counter.written()
    assert written[:2] == ("payload", reason)


def test_a_revoked_qr_is_refused(counter: Counter) -> None:
    code = counter.code()
    counter.platforms.revoked.add(str(MOTHER.qid))
    for asked in ({"code": code}, {"payload": payload_of_mother()}):
        answer = counter.shows(**asked)
        assert (answer.status_code, answer.get_json()["reason"]) == (410, "revoked")


def test_a_code_ends_with_its_time_and_with_its_revocation(counter: Counter) -> None:
    code = counter.code()
    counter.passes(hours=24)
    assert counter.shows(code=code).get_json()["reason"] == "expired"
    newer = counter.code()
    assert counter.shows(code=newer).status_code == 200
    counter.codes.revoke(str(MOTHER.qid))
    assert counter.shows(code=newer).status_code == 410
    assert [outcome for _, outcome, _ in counter.written()] == ["expired", "found", "revoked"]


def test_a_wrong_digit_is_told_from_an_unknown_code(counter: Counter) -> None:
    code = counter.code()
    wrong = code[:5] + str((int(code[5]) + 1) % 10) + code[6:]
    assert counter.shows(scanned=wrong).status_code == 422
    with counter.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM short_code")
    assert counter.shows(scanned=code).status_code == 404
    assert counter.written() == [("code", "malformed", False), ("code", "unknown", False)]


@pytest.mark.parametrize(
    ("scanned", "kind"),
    [
        ("001190000001||Nguyễn Thị An|02031990|Nữ|Hà Nội|01012021", "cccd-card"),
        ("HC1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0", "passport-hc1"),
        ("DN4797912345678|hoten|01/01/1990", "bhyt"),
    ],
)
def test_another_code_that_people_hold_up_is_named(
    counter: Counter, scanned: str, kind: str
) -> None:
    answer = counter.shows(scanned=scanned)
    assert answer.status_code == 422
    assert answer.get_json()["kind"] == kind
    assert counter.written() == [(kind, "malformed", False)]


@pytest.mark.parametrize("mood", ["down", "late"])
def test_a_platform_that_is_away_says_so_and_is_written_down(counter: Counter, mood: str) -> None:
    code = counter.code()
    counter.platforms.mood = mood  # type: ignore[assignment]
    answer = counter.shows(code=code)
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "10"
    assert counter.written() == [("code", "unavailable", True)]


def test_somebody_whom_the_health_platform_does_not_know_has_no_status(counter: Counter) -> None:
    code = counter.code()
    counter.platforms.health_knows = False
    shown = counter.shows(code=code).get_json()
    assert (shown["result"], shown["status"], shown["doses"]) == ("valid", None, None)


@pytest.mark.parametrize("key", ["", "mc_x_y", "mc_0123456789ab_" + "0" * 64, "Tôi là cán bộ"])
def test_without_a_key_nothing_is_said(counter: Counter, key: str) -> None:
    answer = counter.client.post(
        "/api/v1/verify",
        json={"code": counter.code()},
        headers={"Authorization": f"Bearer {key}".encode().decode("latin-1")},
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert counter.platforms.calls == []


def test_a_revoked_key_is_no_key(counter: Counter) -> None:
    assert counter.keys.revoke(counter.keys.all()[0].id)
    assert counter.shows(code=counter.code()).status_code == 401


def test_a_key_of_another_scope_is_refused_and_written_down(counter: Counter) -> None:
    key = counter.keys.make("sender", ("messages",))
    assert counter.asks({"code": counter.code()}, key).status_code == 403
    assert counter.written() == [("unread", "wrong-scope", False)]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"code": "1234 5678 9012", "payload": "x"},
        {"code": 123456789012},
        {"scanned": ""},
        {"scanned": "x" * 2001},
        {"code": "1234 5678 9012", "place": "x" * 81},
        {"code": "1234 5678 9012", "secretly": "Nguyen Van A"},
    ],
)
def test_a_request_that_is_none_is_refused_without_repeating_it(
    counter: Counter, asked: dict[str, object]
) -> None:
    answer = counter.asks(asked)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    said = answer.get_data(as_text=True)
    assert not any(str(value) in said for value in asked.values() if len(str(value)) > 1)
    assert "secretly" not in said
    assert counter.written() == [("unread", "malformed-request", False)]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"null", "application/json", 400),
        (b'{"code": "1"}', "text/plain", 415),
        (b'{"code": "' + b"1" * 20_000 + b'"}', "application/json", 413),
    ],
)
def test_a_broken_body_gets_a_clear_answer(
    counter: Counter, body: bytes, kind: str, status: int
) -> None:
    answer = counter.client.post(
        "/api/v1/verify",
        data=body,
        content_type=kind,
        headers={"Authorization": f"Bearer {counter.key}"},
    )
    assert (answer.status_code, answer.get_json()["result"]) == (status, "refused")


def test_without_the_audit_nothing_is_shown(counter: Counter) -> None:
    code = counter.code()
    with counter.database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE look_up RENAME TO look_up_gone")
    answer = counter.shows(code=code)
    assert answer.status_code == 503
    assert "NGUYEN" not in answer.get_data(as_text=True)


def test_an_officer_may_read_vietnamese(counter: Counter) -> None:
    counter.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "vi"
    assert "không" in counter.shows(scanned="hello").get_json()["message"]


def test_a_place_is_kept_without_the_numbers_of_people(counter: Counter) -> None:
    counter.shows(code="1234 5678 9012", place="Chốt 5, gọi 0912345678")
    with counter.database.begin() as connection:
        place = connection.exec_driver_sql("SELECT place FROM look_up").scalar_one()
    assert place.startswith("Chốt 5")
    assert "0912345678" not in place


def test_a_key_may_not_ask_without_end(strict_counter: Counter) -> None:
    answers = [strict_counter.shows(scanned="hello").status_code for _ in range(4)]
    assert answers == [422, 422, 422, 429]
    other = strict_counter.keys.make("another officer", ("verify",))
    assert strict_counter.asks({"scanned": "hello"}, other).status_code == 422


def test_the_refusal_for_asking_too_often_says_when_to_come_back(strict_counter: Counter) -> None:
    for _ in range(3):
        strict_counter.shows(scanned="hello")
    answer = strict_counter.shows(scanned="hello")
    assert answer.get_json()["reason"] == "too-many"
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_no_name_and_no_code_reaches_the_log(
    counter: Counter, capsys: pytest.CaptureFixture[str]
) -> None:
    code = counter.code()
    counter.shows(code=code)
    counter.shows(payload=payload_of_mother())
    logged = "".join(capsys.readouterr())
    for secret in (code, counter.key, "NGUYEN", str(MOTHER.qid), MOTHER.papers[0].number):
        assert secret not in logged
    assert "look_up" in logged
