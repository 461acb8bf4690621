"""A message that Zalo took without saying so: the outbox settles it instead of repeating it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.outbox.conduct import Conduct
from core.outbox.dispatcher import Dispatcher
from core.outbox.outgoing import Purpose, Status
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.vault import Vault
from tests.bot.test_zalo_send import RESULT
from tests.bot.zalo_house import ZaloHouse, to, zalo_house
from tests.core.outbox.provider import dispatch
from tests.core.store.messages import put
from tests.gateway.network import eventually
from tests.peers.zalo import CS
from tests.peers.zalo_events import LINH
from tests.peers.zalo_http import Trouble


@pytest.fixture
def house() -> Iterator[ZaloHouse]:
    with zalo_house() as made:
        yield made


@pytest.mark.parametrize(
    ("purpose", "copies"), [(Purpose.REMINDER, 1), (Purpose.CAMPAIGN, 1), (Purpose.RESULT, 2)]
)
def test_only_what_must_arrive_is_sent_a_second_time(
    house: ZaloHouse, database: Database, purpose: Purpose, copies: int
) -> None:
    outbox = Outbox(database, Vault([("k1", b"1" * 32)], b"s" * 32), house.clock)
    linh = house.linh()
    house.peer.will_answer(CS, Trouble(delay=4.0, done_first=True))
    impatient = house.sender(line=replace(house.line, seconds=1.0))
    outgoing = to(LINH, RESULT, purpose=purpose)
    put(database, outbox, outgoing)
    conduct = Conduct(settle=timedelta(seconds=90), sleep=lambda _: None)
    one = Dispatcher(outbox, (impatient,), house.clock, conduct)
    dispatch(outbox, one)
    eventually(lambda: len(linh.messages) == 1)
    assert outbox.status(outgoing.id) is not Status.SENT
    for _hour in range(3):
        house.clock.passes(hours=1)
        dispatch(outbox, one)
    assert len(linh.messages) == copies
