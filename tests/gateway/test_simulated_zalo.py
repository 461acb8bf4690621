"""The Zalo thread of the simulator, against a served gateway with a worker: nothing is set up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from gateway import wiring
from tests.gateway.conftest import a_served_house
from tests.gateway.network import eventually
from web.simulator.page import TOKEN_HEADER
from web.simulator.threads import START

PHONE = "+84987004799"


@pytest.fixture
def served(house: wiring.House, monkeypatch: pytest.MonkeyPatch) -> Iterator[wiring.House]:
    with a_served_house(monkeypatch) as listening:
        yield listening


def test_somebody_follows_and_is_sent_a_code(served: wiring.House) -> None:
    base = f"{served.settings.base_url}/simulator"
    token = httpx2.get(f"{base}/token").json()["token"]

    def does(path: str, **sent: Any) -> Any:
        asked = {"phone": PHONE, "network": "zalo", **sent}
        answer = httpx2.post(f"{base}/api/{path}", json=asked, headers={TOKEN_HEADER: token})
        assert answer.status_code == 200
        return answer.json()

    def told(thread: str) -> list[Any]:
        events = does("thread", after=START)["events"]
        return [one for one in events if one["thread"] == thread and one["from"] == "them"]

    does("chat/follow")
    eventually(lambda: len(told("zalo")) == 1)
    (menu,) = told("zalo")
    assert "9. English" in menu["text"]
    does("chat/tap", data=menu["buttons"][0][0]["data"])
    eventually(lambda: len(told("zalo")) == 2)
    assert "số di động" in told("zalo")[1]["text"]
    does("chat/write", text=PHONE)
    eventually(lambda: len(told("sms")) == 1)
    does("chat/write", text=told("sms")[0]["text"][:6])
    eventually(lambda: "Đồng ý" in told("zalo")[-1]["buttons"][0][0]["text"])
