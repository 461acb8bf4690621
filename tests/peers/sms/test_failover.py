"""A provider is killed: another one takes over, and hands back. Kannel is real, the other is a stand-in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx2
import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select
from werkzeug import Request, Response

from core.outbox.outgoing import Status
from core.store.doors import RedisDoorkeeper
from core.store.tables import attempt
from gateway.worker import Worker
from tests.peers.processes import until
from tests.peers.sms.line import Line, running_line
from tests.sms.described import SONGHUONG

pytestmark = pytest.mark.peers

BACK_AFTER = 5
"""Sends in a row that must go well until Kannel is back."""
FIRST, SECOND = "kannel", "songhuong"
OWN_PATH = "/v1/sms"
PENDING = 10
"""Messages that Kannel has given to the centre, which has not answered (max-pending-submits)."""


@dataclass
class Company:
    """Sông Hương, at its own address: it takes messages, and reports each as arrived."""

    server: HTTPServer
    taken: list[str] = field(default_factory=list)
    """The numbers it carried something to."""
    reports: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))

    def answers(self, request: Request) -> Response:
        said = request.get_json()
        self.taken.append(said["phone"])
        id = f"SH{len(self.taken)}"
        self.reports.submit(self._report, said["dlr"], id)
        return Response(json.dumps({"error": 0, "data": {"id": id}}))

    def _report(self, address: str, id: str) -> None:
        event = {"id": id, "state": "DONE", "reason": ""}
        httpx2.post(address, json={"events": [event]}).raise_for_status()


@dataclass
class Two:
    """The line through Kannel, and the other company."""

    line: Line
    company: Company
    sent: dict[str, str] = field(default_factory=dict)
    """Every message that was put in, by its number."""

    def send_all(self, phones: Sequence[str]) -> None:
        """A text to each of them, at once."""
        texts = {phone: f"Ket qua cua {phone[-4:]}" for phone in phones}
        self.sent |= self.line.sends_all(texts)

    def deliver(self, *phones: str) -> None:
        """One after the other, each until it has arrived."""
        for phone in phones:
            self.send_all([phone])
            self.line.becomes(self.sent[phone], Status.DELIVERED)

    def statuses(self) -> set[Status | None]:
        """What has become of all of them."""
        return {self.line.house.outbox.status(one) for one in self.sent.values()}

    def copies(self) -> Counter[str]:
        """How often each number got its message, from whichever provider."""
        by_company = Counter(f"+{phone}" for phone in self.company.taken)
        by_kannel = {phone: len(self.line.centre.arrived(phone)) for phone in self.sent}
        return by_company + Counter(by_kannel)

    def timeline(self, phone: str) -> Sequence[tuple[str, str]]:
        """To whom this message was given, in order, and how that ended."""
        with self.line.house.database.begin() as connection:
            query = select(attempt.c.provider, attempt.c.outcome)
            query = query.where(attempt.c.outgoing_id == self.sent[phone])
            rows = connection.execute(query.order_by(attempt.c.claim, attempt.c.number))
            return [(row.provider, row.outcome) for row in rows]

    def is_in(self) -> bool:
        """Whether Kannel counts as well, for all workers."""
        return RedisDoorkeeper(self.line.house.redis).read(FIRST).state == "in"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with HTTPServer() as server:
        company = Company(server)
        server.expect_request(OWN_PATH).respond_with_handler(company.answers)
        described = {**SONGHUONG, "URL": server.url_for(OWN_PATH), "PATH_SECRET": "s" * 32}
        settings = {
            "MOTCUA_HTTPSMS": SECOND,
            **{f"MOTCUA_HTTPSMS_SONGHUONG_{name}": value for name, value in described.items()},
            "MOTCUA_ROUTES": f"* -> {FIRST} 300, {SECOND} 350",
            "MOTCUA_ERROR_PAUSE": "2",
            "MOTCUA_ERROR_BACK_AFTER": str(BACK_AFTER),
            "MOTCUA_SETTLE_SECONDS": "3",
        }
        with running_line(tmp_path_factory.mktemp("failover"), **settings) as line:
            yield Two(line, company)


def phones(series: int, count: int) -> list[str]:
    return [f"+84913{series:02d}{number:04d}" for number in range(count)]


def test_one_is_killed_the_other_takes_over_and_hands_back(two: Two) -> None:
    before = phones(1, 3)
    two.deliver(*before)
    assert [two.timeline(phone) for phone in before] == [[(FIRST, "sent")]] * 3

    two.line.kannel.dies()
    meanwhile = phones(2, 30)
    two.deliver(*meanwhile)
    told = [two.timeline(phone) for phone in meanwhile]
    # The first ones ask it in vain; then it is left alone, but for a try now and then.
    assert told[0] == [(FIRST, "later"), (SECOND, "sent")]
    assert [(SECOND, "sent")] in told
    assert all(one[-1] == (SECOND, "sent") for one in told)
    assert not two.is_in()

    two.line.kannel.starts()
    until(two.line.is_up, "Kannel did not come back")
    afterwards = iter(phones(3, 2000))
    tried = []
    while not two.is_in():
        tried.append(next(afterwards))
        two.deliver(tried[-1])
    through_first = [one for one in tried if two.timeline(one) == [(FIRST, "sent")]]
    assert BACK_AFTER <= len(through_first) <= BACK_AFTER + 1, "it is tried with a few"
    back = [next(afterwards) for _ in range(10)]
    two.deliver(*back)
    assert [two.timeline(phone) for phone in back] == [[(FIRST, "sent")]] * 10

    assert two.copies() == Counter(dict.fromkeys(two.sent, 1)), "none lost, none twice"


def test_of_a_crowd_under_way_nobody_is_left_out_and_few_hear_it_twice(two: Two) -> None:
    """Killed in the middle of it. Who had given it something and got no answer cannot know, waits for
    a receipt, and gives it to the other; what Kannel had taken by then, it sends when it is back.

    Receipts that its smsbox had in hand are lost with it: those messages stay "sent".
    """
    two.sent.clear()
    before, by_the_other = two.line.centre.carried(), len(two.company.taken)
    crowd = phones(4, 300)
    two.send_all(crowd)
    until(lambda: two.line.centre.carried() > before + 20, "nothing came")
    two.line.kannel.dies()
    until(lambda: len(two.company.taken) > by_the_other + 20, "the other did not take over")
    two.line.kannel.starts()
    until(lambda: all(map(two.copies().get, crowd)), "somebody was left out", 60)
    until(lambda: two.statuses() <= {Status.SENT, Status.DELIVERED}, "not all were settled", 60)
    copies = two.copies()
    assert all(copies[phone] in (1, 2) for phone in crowd)
    twice = [phone for phone in crowd if copies[phone] == 2]
    in_hand = Worker.outbox_hands + Worker.urgent_hands
    by_both = [phone for phone in twice if {SECOND} <= {who for who, _ in two.timeline(phone)}]
    assert len(by_both) <= in_hand, "only what was being given to Kannel"
    assert len(twice) - len(by_both) <= PENDING, "only what Kannel was giving to the centre"
