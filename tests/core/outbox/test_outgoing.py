"""The table of what may become of a message."""

from __future__ import annotations

import uuid
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.message import Address, Channel, Page
from core.outbox.outgoing import FINAL, MAY_BECOME, Outgoing, Purpose, Status, before, id_of

RANK = {Status.QUEUED: 0, Status.SENDING: 0, Status.UNSETTLED: 0, Status.SENT: 1}
"""Only between waiting and being sent may a message go back and forth."""


def test_every_status_has_its_line() -> None:
    assert set(MAY_BECOME) == set(Status)
    assert {Status.DELIVERED, Status.FAILED, Status.EXPIRED, Status.STOPPED} == FINAL


@given(st.lists(st.sampled_from(Status), max_size=20))
def test_whatever_is_reported_nothing_goes_backwards(reports: list[Status]) -> None:
    status, rank = Status.QUEUED, 0
    for report in reports:
        if report in MAY_BECOME[status]:
            status = report
        now = RANK.get(status, 2)
        assert now >= rank
        rank = now


def test_before_reads_the_table_the_other_way_round() -> None:
    for status in Status:
        for earlier in Status:
            assert (earlier in before(status)) == (status in MAY_BECOME[earlier])


def test_the_same_key_is_the_same_message_wherever_it_is_made() -> None:
    one = Outgoing("a", Address("phone", "1"), Channel.SMS, Page("x"), Purpose.REPLY)
    assert one.id == replace(one, page=Page("y")).id
    assert one.id != replace(one, key="b").id


def test_a_message_in_a_log_line_shows_neither_words_nor_number() -> None:
    one = Outgoing("a", Address("phone", "+84912345678"), Channel.SMS, Page("x y z"), Purpose.REPLY)
    assert "912345678" not in repr(one)
    assert "x y z" not in repr(one)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_an_id_is_a_uuid_made_from_the_key(key: str) -> None:
    made = uuid.uuid5(uuid.UUID("6d6f7463-7561-5f6f-a574-676f696e6700"), key)
    assert id_of(key) == str(made)
