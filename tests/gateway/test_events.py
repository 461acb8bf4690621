"""From the sandbox's 'make it happen' to the text that waits for a person, over real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text
from werkzeug.serving import make_server

from core.clock import VIETNAM, Deadline, now
from core.errors import Down, Refused
from core.message import Address, Channel, Page
from core.notices.ports import PROVIDER, Event, Source
from core.people.accounts import Linked
from core.people.consent import Consent
from core.store.cursors import Cursors
from core.store.database import Database
from core.store.tables import cursor, outgoing
from gateway import app, wiring
from gateway.events import MISSED, OVERLAP, RENEW_SECONDS, Watch, event_of

CONSENT = Consent("link", "Tôi đồng ý", "vi", Channel.SMS)


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """These tests count rows: the house has a database of its own."""
    return fresh_database_url


@contextmanager
def served(house: wiring.House) -> Iterator[str]:
    """The gateway on a real port."""
    server = make_server("127.0.0.1", 0, app.make(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@dataclass
class Townsfolk:
    """What the tests do to the sandbox, and what comes of it here."""

    house: wiring.House
    sandbox: str
    people: dict[str, dict[str, Any]]

    def links(self, story: str) -> Address:
        person = self.people[story]
        address = Address("phone", person["phone"])
        linked = Linked(person["patient"], person["qid"], person["name"], None)
        self.house.people.link(self.house.people.find(address).id, linked, CONSENT)
        return address

    def happen(self, what: str, story: str, **more: Any) -> dict[str, Any]:
        asked = {"what": what, "qid": self.people[story]["qid"], **more}
        answer = httpx2.post(f"{self.sandbox}/happen", json=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def works(self) -> None:
        """The worker's part: everything that waits in the inbox."""
        while waiting := self.house.inbox.claim(20):
            for one in waiting:
                assert one.provider == PROVIDER
                self.house.events.news.hear(one)
                self.house.inbox.answered(one, None)

    def texts(self) -> list[str]:
        with self.house.database.begin() as connection:
            rows = connection.execute(select(outgoing).order_by(outgoing.c.seq)).all()
        return [
            Page.from_json(self.house.vault.open_json(row.body, f"outgoing.body:{row.id}")).text
            for row in rows
        ]

    def statuses(self, purpose: str) -> list[str]:
        query = select(outgoing.c.status).where(outgoing.c.purpose == purpose)
        with self.house.database.begin() as connection:
            return list(connection.scalars(query.order_by(outgoing.c.seq)))

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + 20
        while not true():
            assert time.monotonic() < end, "it did not happen"
            self.works()
            time.sleep(0.02)


@pytest.fixture
def folk(house: wiring.House, sandbox: str, people: dict[str, Any]) -> Townsfolk:
    return Townsfolk(house, sandbox, people)


def test_a_result_and_its_correction_are_pushed_and_told(folk: Townsfolk) -> None:
    folk.links("leap-day")
    with served(folk.house) as base:
        watch = replace(folk.house.events.watch, endpoint=f"{base}/hooks/fhir")
        assert watch.mode == "push"
        watch.step()
        assert folk.happen("result-final", "leap-day")["subscribers"] >= 1
        folk.until(lambda: len(folk.texts()) == 1)
        folk.happen("result-corrected", "leap-day")
        folk.until(lambda: len(folk.texts()) == 2)
    first, second = folk.texts()
    assert "lay mau" in first
    assert second.startswith("Dinh chinh.")


def test_a_passport_is_pushed_and_told(folk: Townsfolk) -> None:
    folk.links("first-dose-new")
    with served(folk.house) as base:
        replace(folk.house.events.watch, endpoint=f"{base}/hooks/fhir").step()
        folk.happen("dose-given", "first-dose-new")
        folk.until(lambda: any("ho chieu vac xin" in one for one in folk.texts()))


def test_a_dose_that_is_put_on_record_stops_the_reminder_that_still_waits(
    folk: Townsfolk,
) -> None:
    folk.links("first-dose-new")
    with served(folk.house) as base:
        replace(folk.house.events.watch, endpoint=f"{base}/hooks/fhir").step()
        tomorrow = now().date() + timedelta(days=1)
        folk.happen("dose-due", "first-dose-new", date=tomorrow.isoformat())
        folk.until(lambda: folk.statuses("reminder") == ["queued"])
        folk.happen("dose-given", "first-dose-new")
        folk.until(lambda: folk.statuses("reminder") == ["stopped"])


def test_two_recommendations_for_one_person_are_told_of_once(folk: Townsfolk) -> None:
    (changed,) = folk.happen("dose-due", "foreigner")["changed"]
    folk.links("foreigner")
    for name in ("rec-a", "rec-b"):
        told = event_of({**changed, "id": name})
        assert told is not None
        folk.house.events.ledger.take(told)
        folk.works()
    assert folk.statuses("reminder") == ["queued"]


def test_who_links_while_isolated_is_looked_at_again_at_the_next_round(folk: Townsfolk) -> None:
    folk.links("result-positive")
    folk.links("leap-day")
    folk.works()
    with folk.house.database.begin() as connection:
        waiting = connection.execute(
            text("SELECT try_at FROM event WHERE kind = 'isolation' AND handled < turn")
        ).all()
    assert folk.texts() == []
    (row,) = waiting
    assert row.try_at.astimezone(VIETNAM).hour in (8, 19)


def test_a_kind_that_the_platform_will_not_tell_keeps_no_other_from_being_told(
    folk: Townsfolk,
) -> None:
    asked: list[Source] = []

    class Half(Server):
        def subscribe(
            self, kind: Source, *, endpoint: str, secret: str, deadline: Deadline
        ) -> None:
            asked.append(kind)
            if kind == "result":
                raise Refused("fhir")

    watch = replace(folk.house.events.watch, platform=Half())
    assert watch.subscribe()
    assert asked == list(watch.kinds)


def test_what_was_not_pushed_is_found_by_asking(folk: Townsfolk) -> None:
    folk.links("foreigner")
    watch = replace(folk.house.events.watch, mode="poll", every=timedelta(0))
    watch.step()
    folk.happen("result-corrected", "foreigner")
    folk.happen("dose-due", "foreigner")
    for _ in range(3):
        watch.step()
        folk.works()
    said = folk.texts()
    assert len([one for one in said if "lay mau" in one]) == 1
    assert len([one for one in said if "mui tiem" in one or "vac xin" in one]) == 1


def test_a_subscription_is_asked_for_again_and_made_once(folk: Townsfolk) -> None:
    seconds = [0.0]
    watch = replace(
        folk.house.events.watch,
        endpoint="http://127.0.0.1:9/hooks/fhir",
        tick=lambda: seconds[0],
    )
    before = folk.happen("dose-due", "family-mother")["subscribers"]
    for _ in range(3):
        watch.step()
        seconds[0] += RENEW_SECONDS
    assert folk.happen("dose-due", "family-mother")["subscribers"] == before + 1


@dataclass
class Server:
    """A platform that changes as the test says, and is sometimes down or slow to show a change."""

    shown: list[Event] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)
    down: bool = False

    def changed(
        self, kind: Source, since: datetime, *, deadline: Deadline
    ) -> tuple[Sequence[Event], datetime]:
        if self.down:
            raise Down("fhir")
        self.asked.append(since)
        found = [one for one in self.shown if one.kind == kind and one.at and one.at > since]
        return found, max([since, *(one.at for one in found if one.at)])

    def subscribe(self, kind: Source, *, endpoint: str, secret: str, deadline: Deadline) -> None:
        if self.down:
            raise Down("fhir")


@pytest.fixture
def server() -> Server:
    return Server()


@dataclass
class Clock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(now())


@pytest.fixture
def watch(house: wiring.House, server: Server, clock: Clock) -> Watch:
    return replace(
        house.events.watch,
        mode="poll",
        platform=server,
        cursors=Cursors(house.database, clock),
        kinds=("result",),
        every=timedelta(seconds=60),
    )


def event(number: int, at: datetime) -> Event:
    return Event("result", f"obs-{number}", "1", "nobody", at)


def kept(database: Database) -> int:
    with database.begin() as connection:
        return int(connection.execute(text("SELECT count(*) FROM event")).scalar_one())


def test_what_is_shown_late_is_not_missed_and_nothing_is_taken_twice(
    watch: Watch, server: Server, clock: Clock
) -> None:
    assert watch.ask("result") == 0
    server.shown.append(event(1, clock.at + timedelta(seconds=30)))
    clock.at += timedelta(seconds=61)
    assert watch.ask("result") == 1
    server.shown.append(event(2, clock.at - timedelta(seconds=50)))
    clock.at += timedelta(seconds=61)
    assert watch.ask("result") == 1, "it was stamped before what we had already seen"
    clock.at += timedelta(seconds=61)
    assert watch.ask("result") == 0


def test_it_asks_from_a_little_before_the_last_change_but_never_from_before_it_began(
    watch: Watch, server: Server, clock: Clock
) -> None:
    began = clock.at
    for minutes in (0, 5, 20, 40):
        clock.at = began + timedelta(minutes=minutes)
        server.shown.append(event(minutes, clock.at))
        watch.ask("result")
    assert server.asked == [began, began, began + timedelta(minutes=20) - OVERLAP]


def test_it_asks_only_when_it_is_time(watch: Watch, server: Server, clock: Clock) -> None:
    for minutes in (0, 1, 2):
        clock.at += timedelta(seconds=60)
        for _ in range(3):
            watch.ask("result")
        assert len(server.asked) == minutes


def test_it_asks_though_the_clock_was_set_back(watch: Watch, server: Server, clock: Clock) -> None:
    right = clock.at
    clock.at = right + timedelta(hours=1)
    watch.ask("result")
    clock.at = right
    server.shown.append(event(1, right))
    for _ in range(3):
        clock.at += timedelta(seconds=30)
        watch.ask("result")
    assert len(server.asked) == 2


def test_an_outage_of_hours_loses_nothing(
    watch: Watch, server: Server, clock: Clock, house: wiring.House
) -> None:
    watch.ask("result")
    server.down = True
    for number in range(5):
        clock.at += timedelta(hours=1)
        server.shown.append(event(number, clock.at))
        watch.step()
    assert kept(house.database) == 0
    server.down = False
    clock.at += timedelta(seconds=60)
    watch.step()
    assert kept(house.database) == 5


def test_a_store_that_fails_in_the_middle_is_asked_about_again(
    watch: Watch, server: Server, clock: Clock, house: wiring.House
) -> None:
    watch.ask("result")
    server.shown += [event(number, clock.at + timedelta(seconds=number)) for number in range(1, 4)]
    clock.at += timedelta(seconds=61)

    def broken(one: Event) -> bool:
        if one.id == "obs-2":
            raise ConnectionError
        return house.events.ledger.take(one)

    with pytest.raises(ConnectionError):
        replace(watch, take=broken).ask("result")
    clock.at += timedelta(seconds=61)
    assert watch.ask("result") == 2


def test_a_change_dated_to_come_hides_nothing(
    watch: Watch, server: Server, clock: Clock, house: wiring.House
) -> None:
    watch.ask("result")
    server.shown.append(event(1, clock.at + timedelta(days=300)))
    clock.at += timedelta(seconds=61)
    watch.ask("result")
    with house.database.begin() as connection:
        assert connection.scalar(select(cursor.c.since)) == clock.at


def test_pushed_to_we_still_ask_now_and_then(watch: Watch, server: Server, clock: Clock) -> None:
    pushed = replace(watch, mode="push")
    for _ in range(3):
        pushed.step()
        clock.at += MISSED
    assert len(server.asked) == 2
    silent = replace(watch, mode="off")
    silent.step()
    assert len(server.asked) == 2


def test_a_platform_that_takes_no_subscription_is_asked_again_at_once(
    watch: Watch, server: Server
) -> None:
    server.down = True
    pushed = replace(watch, mode="push")
    assert not pushed.subscribe()
    server.down = False
    assert pushed.subscribe()
