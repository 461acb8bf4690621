"""What the page of metrics shows when all is well, and when PostgreSQL is not."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import pytest
from prometheus_client import CollectorRegistry, Metric

from gateway import app, settings, wiring
from gateway.metrics_page import InTime, gauge
from gateway.ports import free_port

WAITING = {
    "motcua_outbox_waiting",
    "motcua_outbox_oldest_seconds",
    "motcua_outbox_failed_last_hour",
    "motcua_inbox_waiting",
    "motcua_inbox_oldest_seconds",
    "motcua_kept_calls_waiting",
    "motcua_workers_alive",
}


def shown(house: wiring.House) -> set[str]:
    answer = app.make(house).test_client().get("/metrics")
    assert answer.status_code == 200
    return set(re.findall(r"^# TYPE (\w+)", answer.get_data(as_text=True), re.M))


def test_the_page_tells_what_waits(house: wiring.House) -> None:
    assert shown(house) >= WAITING | {"motcua_sends_total", "motcua_ussd_hops_total"}


def test_without_postgresql_the_rest_is_shown(
    house: wiring.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://127.0.0.1:{free_port()}/nobody")
    found = {one.name for one in app.metrics(wiring.build(settings.load())).collect()}
    assert found & WAITING == set()
    assert {"motcua_sends", "motcua_ussd_hops"} <= found


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    comes = threading.Event()
    asked = 0

    def ask() -> Sequence[Metric]:
        nonlocal asked
        asked += 1
        assert comes.wait(60)
        return (gauge("tests_late", "Late", {"": 7}),)

    late = InTime(ask, patience=0.01)
    registry = CollectorRegistry()
    registry.register(late)
    for _ in range(3):
        assert list(registry.collect()) == []
    assert asked == 1  # not once more for every scrape
    comes.set()
    patient = CollectorRegistry()
    late.patience = 60.0
    patient.register(late)
    assert patient.get_sample_value("tests_late") == 7
