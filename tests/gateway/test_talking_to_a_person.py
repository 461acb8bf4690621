"""Handed over and back on Zalo, through the whole house: webhook, worker, API, outbox, sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from gateway import wiring
from tests.gateway.network import eventually
from tests.gateway.test_zalo_story import SECONDS, Citizen, database_url, peer, served
from tests.peers.zalo import ZaloPeer

__all__ = ["database_url", "peer", "served"]  # fixtures of that story


@pytest.fixture
def operator(served: wiring.House) -> Iterator[httpx2.Client]:
    """An operator's program."""
    key = served.settings.operator_key.get_secret_value()
    url = f"{served.settings.base_url}/api/v1"
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=10) as made:
        yield made


def only(operator: httpx2.Client) -> dict[str, Any]:
    (one,) = operator.get("/talks").json()["talks"]
    found: dict[str, Any] = operator.get(f"/talks/{one['id']}").json()
    return found


def says(operator: httpx2.Client, text: str) -> None:
    path = f"/talks/{only(operator)['id']}/lines"
    sent = operator.post(path, json={"text": text}, headers={"Idempotency-Key": str(len(text))})
    assert sent.status_code == 202


def test_a_person_is_handed_over_and_comes_back(
    served: wiring.House, peer: ZaloPeer, operator: httpx2.Client
) -> None:
    mother = Citizen(peer, served, {"phone": "+84987004799"})
    mother.follows()
    assert "Mời quý vị nhắn cho nhân viên" in mother.says("GẶP NGƯỜI").text
    before = len(mother.messages)
    mother.tells(peer.events.says(mother.id, "Con tôi sốt ba hôm nay"))
    eventually(lambda: len(only(operator)["lines"]) == 1, seconds=SECONDS)
    says(operator, "Chị đưa cháu tới trạm nhé.")
    eventually(lambda: len(mother.messages) > before, seconds=SECONDS)
    assert [one.text for one in mother.messages[before:]] == ["👤 Chị đưa cháu tới trạm nhé."]
    eventually(lambda: only(operator)["lines"][1]["status"] == "sent", seconds=SECONDS)
    menu = mother.says("menu").text
    assert "Tôi lại tiếp tục trả lời" in menu
    assert "Mã QR" in menu
    assert operator.get("/talks").json() == {"talks": []}


def test_zalos_own_console_and_ours_see_one_talk(
    served: wiring.House, peer: ZaloPeer, operator: httpx2.Client
) -> None:
    mother = Citizen(peer, served, {"phone": "+84987004799"})
    mother.follows()
    mother.tells(peer.events.echo(mother.id, admin="9"))
    before = len(mother.messages)
    mother.tells(peer.events.says(mother.id, "Tôi muốn hỏi thêm"))
    eventually(lambda: len(only(operator)["lines"]) == 2, seconds=SECONDS)
    says(operator, "Mời chị cứ hỏi.")
    eventually(lambda: len(mother.messages) == before + 1, seconds=SECONDS)
    assert only(operator)["byHand"] is True
    operator.post(f"/talks/{only(operator)['id']}/close")
    eventually(lambda: "kết thúc cuộc trò chuyện" in mother.messages[-1].text, seconds=SECONDS)
    assert "Mã QR" in mother.taps("Menu").text
