"""What happens on the sandbox, seen by asking and by being told: results, doses, tickets, levels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from queue import Queue
from typing import Any
from uuid import uuid4

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.clock import now
from core.errors import Refused
from core.platform.fhir import Fhir
from core.platform.fhir_events import Event, EventKind, event_of
from core.platform.reading import parsed
from tests.core.platform.conftest import asked, soon
from tests.core.platform.fhir_contract import People, citizen, correction

Happen = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def happen(sandbox: str) -> Happen:
    """Makes something happen; returns the resources that are different now."""

    def make(what: str, **more: Any) -> list[dict[str, Any]]:
        return list(asked(f"{sandbox}/happen", {"what": what, **more}, "POST")["changed"])

    return make


def since(fhir: Fhir, kind: EventKind, began: datetime) -> set[Event]:
    """What has changed since the test began; the sandbox stamps to the millisecond."""
    events, _ = fhir.changed(kind, began, deadline=soon())
    return {event for event in events if event.at >= began - timedelta(milliseconds=1)}


def test_a_dose_falls_due(fhir: Fhir, people: People, happen: Happen) -> None:
    person, began = people["couple-wife"], now()
    about = citizen(fhir, person).id
    (changed,) = happen("dose-due", qid=person["qid"], date="2027-01-05")
    due = fhir.next_dose(about, deadline=soon()).value
    assert due is not None
    assert (str(due.on), due.number) == ("2027-01-05", 1)
    assert since(fhir, "ImmunizationRecommendation", began) == {event_of(changed)}


def test_a_result_is_final_and_then_corrected(fhir: Fhir, people: People, happen: Happen) -> None:
    person, began = people["result-pending"], now()
    about = citizen(fhir, person).id
    (final,) = happen("result-final", qid=person["qid"], value="detected")
    result = fhir.results(about, deadline=soon()).value[0]
    assert (result.status, result.value) == ("final", "detected")
    (corrected,) = happen("result-corrected", qid=person["qid"])
    result = fhir.results(about, deadline=soon()).value[0]
    assert (result.status, result.value) == ("corrected", "not-detected")
    first, second = event_of(final), event_of(corrected)
    assert first is not None
    assert second is not None
    assert (first.id, first.citizen_id) == (second.id, about)
    assert first.version != second.version
    assert since(fhir, "Observation", began) == {second}


def test_isolation_starts(fhir: Fhir, people: People, happen: Happen) -> None:
    person = people["first-dose-new"]
    about = citizen(fhir, person).id
    happen("isolation-started", qid=person["qid"], days=7)
    isolation = fhir.isolation(about, deadline=soon()).value
    assert isolation is not None
    assert isolation.until == isolation.since + timedelta(days=7)


def test_a_ticket_moves_until_the_record_is_right(
    fhir: Fhir, people: People, happen: Happen
) -> None:
    person = people["wrong-dose-missing"]
    about = citizen(fhir, person).id
    asked_for = correction("dose-missing", about)
    ticket = fhir.corrections.ask(asked_for, key=uuid4().hex, deadline=soon())
    before = len(fhir.doses(about, deadline=soon()).value)
    states = []
    for reason in (None, "Đang đối chiếu với trạm y tế.", None):
        happen("ticket-moved", qid=person["qid"], ticket=ticket.id, reason=reason)
        moved = fhir.corrections.ticket(ticket.id, deadline=soon())
        states.append((moved.state, moved.reason))
        assert moved.moved >= ticket.moved
    assert states == [
        ("received", None),
        ("in-progress", "Đang đối chiếu với trạm y tế."),
        ("completed", None),
    ]
    assert len(fhir.doses(about, deadline=soon()).value) == before + 1


def test_a_ticket_is_rejected_with_a_reason(fhir: Fhir, people: People, happen: Happen) -> None:
    person = people["many-doses"]
    asked_for = correction("dose-missing", citizen(fhir, person).id)
    ticket = fhir.corrections.ask(asked_for, key=uuid4().hex, deadline=soon())
    happen(
        "ticket-moved", qid=person["qid"], ticket=ticket.id,
        state="rejected", reason="Không có giấy xác nhận tiêm.",
    )  # fmt: skip
    moved = fhir.corrections.ticket(ticket.id, deadline=soon())
    assert (moved.state, moved.reason) == ("rejected", "Không có giấy xác nhận tiêm.")


def test_a_correction_for_nobody_is_refused(fhir: Fhir) -> None:
    with pytest.raises(Refused):
        fhir.corrections.ask(
            correction("details-wrong", "p-nobody"), key=uuid4().hex, deadline=soon()
        )


def test_a_level_changes(fhir: Fhir, happen: Happen) -> None:
    ward = next(area for area in fhir.areas.areas(deadline=soon()) if area.kind == "ward")
    for level in (4, 1):
        happen("risk-changed", area=ward.id, level=level)
        risk = fhir.areas.risk(ward.id, deadline=soon()).value
        assert risk is not None
        assert (risk.level, risk.since) == (level, now().date())


def test_whoever_subscribed_is_told_with_the_secret(
    fhir: Fhir, people: People, happen: Happen, httpserver: HTTPServer
) -> None:
    told: Queue[tuple[str | None, Event | None]] = Queue()

    def hook(request: Request) -> Response:
        told.put((request.headers.get("Authorization"), event_of(parsed(request.get_data()))))
        return Response(status=202)

    httpserver.expect_request("/hooks/fhir", method="POST").respond_with_handler(hook)
    endpoint, key = httpserver.url_for("/hooks/fhir"), uuid4().hex
    for _ in range(2):
        fhir.subscribe("Task", endpoint, secret="our-secret", key=key, deadline=soon())
    person = people["wrong-details"]
    about = citizen(fhir, person).id
    ticket = fhir.corrections.ask(
        correction("details-wrong", about), key=uuid4().hex, deadline=soon()
    )
    (changed, *_) = happen("ticket-moved", qid=person["qid"], ticket=ticket.id)
    event = event_of(changed)
    assert event is not None
    assert (event.id, event.citizen_id) == (ticket.id, about)
    heard = [told.get(timeout=5)]
    while heard[-1] != ("Bearer our-secret", event):  # that it was opened may be told, too
        heard.append(told.get(timeout=5))
    assert len(set(heard)) == len(heard)
