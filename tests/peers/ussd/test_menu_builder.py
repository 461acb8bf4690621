"""The simulator speaks as networks do: an application that others' software answers for understands it.

`gateway talk` dials, as a terminal does; at the other end is npm's ussd-menu-builder, which is made
for Africa's Talking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from core.clock import now
from gateway.talk import Ussd
from tests.peers.processes import running_node
from tests.peers.ussd.centre import HERE
from web.simulator.post import Poster
from web.simulator.requests import NETWORK, Lines, Networks

pytestmark = pytest.mark.peers

PHONE = "+84911000601"
CODE = "*1022#"


class Application:
    """The application's address, and what it saw."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.poster = Poster(base)
        self._known: set[str] = set()

    def telephone(self) -> Ussd:
        """A telephone whose network brings its calls here."""
        lines = Lines(CODE, f"{self.base}/ussd", "", "", "", "", "")
        return Ussd(Networks(lines, now), self.poster, PHONE)

    def new_sessions(self) -> list[Any]:
        """Those begun since this was last asked, in their order."""
        told = httpx2.get(f"{self.base}/sessions").json()
        fresh = [told[name] for name in told if name not in self._known]
        self._known |= told.keys()
        return fresh


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    with running_node(HERE / "menu.mjs") as (_, port):
        running = Application(f"http://127.0.0.1:{port}")
        yield running
        running.poster.close()


def says(telephone: Ussd, *words: str) -> list[str]:
    """What is shown after each of these."""
    return [screen for one in words for screen in telephone.say(one)]


def test_a_call_goes_through_three_states_and_back_to_its_end(application: Application) -> None:
    telephone = application.telephone()
    assert list(telephone.begin()) == ["Register\n1 Begin\n2 Leave"]
    assert says(telephone, "1", "0", "1", "Trần Thị Đào", "Xóm Bóng & Hạ") == [
        "Your name?\n0 Back",
        "Register\n1 Begin\n2 Leave",
        "Your name?\n0 Back",
        "Where does Trần Thị Đào live?",
        "Thank you, Trần Thị Đào of Xóm Bóng & Hạ",
    ]
    assert says(telephone, "1") == [f"(The session is over. Dial {CODE})"]
    (seen,) = application.new_sessions()
    assert seen["ended"]
    assert [hop["text"] for hop in seen["hops"]] == [
        "",
        "1",
        "1*0",
        "1*0*1",
        "1*0*1*Trần Thị Đào",
        "1*0*1*Trần Thị Đào*Xóm Bóng & Hạ",
    ]
    for hop in seen["hops"]:
        assert (hop["phoneNumber"], hop["serviceCode"]) == (PHONE, CODE)
        assert hop["networkCode"] == NETWORK


def test_what_is_dialled_with_the_code_leads_straight_there(application: Application) -> None:
    telephone = application.telephone()
    assert says(telephone, "*1022*1*Dao#", "Hue") == [
        "Where does Dao live?",
        "Thank you, Dao of Hue",
    ]
    assert says(telephone, "*1022*2#") == ["Goodbye"]
    through, straight = application.new_sessions()
    assert [hop["text"] for hop in through["hops"]] == ["1*Dao", "1*Dao*Hue"]
    assert [hop["text"] for hop in straight["hops"]] == ["2"]
    assert through["ended"]
    assert straight["ended"]


def test_who_hangs_up_is_told_of_with_all_that_was_said(application: Application) -> None:
    telephone = application.telephone()
    list(telephone.begin())
    says(telephone, "1", "Dao")
    telephone.end()
    (seen,) = application.new_sessions()
    assert not seen["ended"]
    assert seen["notice"]["status"] == "Incomplete"
    assert seen["notice"]["input"] == "1*Dao"
    assert seen["notice"]["lastAppResponse"] == "CON Where does Dao live?"
    assert seen["notice"]["phoneNumber"] == PHONE


def test_a_call_that_has_ended_is_not_said_to_be_left(application: Application) -> None:
    telephone = application.telephone()
    assert says(telephone, "*1022*2#") == ["Goodbye"]
    telephone.end()
    (seen,) = application.new_sessions()
    assert "notice" not in seen
