"""A bad day in a real browser: by text and in the chat, and a ticket that moves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.peers.browser import (
    SOON,
    becomes,
    chromium,
    dials_and_links,
    gateway,
    is_told,
    page,
    people,
    says,
    sees,
    taps,
    writes,
)

pytestmark = pytest.mark.peers

__all__ = ["chromium", "gateway", "page", "people"]
"""The fixtures that these tests are given."""

KEPT = "được giữ an toàn"


@contextmanager
def mood(facts: Mapping[str, Any], name: str, **more: float) -> Iterator[None]:
    """The health platform is in this mood, and well again afterwards."""
    address = f"{facts['sandbox']}/moods/fhir"
    assert httpx2.put(address, json={"mood": name, **more}).status_code == 200
    try:
        yield
    finally:
        assert httpx2.put(address, json={"mood": "well"}).status_code == 200


def received(facts: Mapping[str, Any], kind: str, phone: str) -> list[Any]:
    asked = {"kind": kind, "phone": phone}
    found: list[Any] = httpx2.get(f"{facts['sandbox']}/received", params=asked).json()
    return found


def test_in_the_chat_too_a_declaration_of_a_bad_day_arrives_once(
    page: Page, gateway: Mapping[str, Any], people: dict[str, dict[str, Any]]
) -> None:
    person = people["day-14"]
    becomes(page, person["name"])
    dials_and_links(page, person)
    page.get_by_role("tab", name="Chat").click()
    writes(page, "chat", "/menu")
    is_told(page, "chat", "Một Cửa")
    taps(page, "Tình trạng")
    page.locator("#chat-keys").get_by_role("button").first.click()
    is_told(page, "chat", "Tính đến")
    with mood(gateway, "slow", delay=2.0):
        writes(page, "chat", "mũi tiêm")
        is_told(page, "chat", "Tính đến")
        writes(page, "chat", "khai báo")
        is_told(page, "chat", "14 ngày qua")
    taps(page, "Đều không")
    is_told(page, "chat", "Gửi tờ khai")
    with mood(gateway, "down"):
        taps(page, "1. Gửi")
        is_told(page, "chat", KEPT)
        writes(page, "chat", "tình trạng")
        is_told(page, "chat", "hiện chưa kết nối được")
        writes(page, "chat", "mũi tiêm")
        is_told(page, "chat", "hiện chưa kết nối được")
    is_told(page, "chat", "Đã nhận tờ khai")
    assert len(received(gateway, "declaration", person["phone"])) == 1


def test_by_text_too_while_the_platform_is_slow_then_down_then_well(
    page: Page, gateway: Mapping[str, Any], people: dict[str, dict[str, Any]]
) -> None:
    person = people["pcr-expired"]
    becomes(page, person["name"])
    dials_and_links(page, person)
    page.get_by_role("tab", name="Tin nhắn").click()
    page.locator("#sms-by").select_option("kannel")
    with mood(gateway, "slow", delay=2.0):
        writes(page, "sms", "tt")
        is_told(page, "sms", "Den ")
        writes(page, "sms", "kb")
        is_told(page, "sms", "Deu khong")
    writes(page, "sms", "deu khong")
    is_told(page, "sms", "GUI ")
    code = re.search(r"GUI (\d+)", page.locator("#sms-thread > li").last.inner_text())
    assert code is not None
    with mood(gateway, "down"):
        writes(page, "sms", f"Gửi {code[1]} ạ")
        is_told(page, "sms", "duoc giu an toan")
        writes(page, "sms", "tt")
        is_told(page, "sms", "chua co tin moi")
    is_told(page, "sms", "Da nhan to khai")
    assert len(received(gateway, "declaration", person["phone"])) == 1


def test_a_ticket_for_a_missing_dose_moves_and_its_owner_is_told(
    page: Page,
    chromium: Browser,
    gateway: Mapping[str, Any],
    people: dict[str, dict[str, Any]],
) -> None:
    person = people["one-dose-vaccine"]
    becomes(page, person["name"])
    dials_and_links(page, person)
    for said, seen in (
        ("00", "Mot Cua"),
        ("6", "Thieu"),
        ("1", "noi tiem"),
        ("12/5/2026, Pfizer, tram y te phuong 3", "Gui?"),
        ("1", "Da mo phieu"),
    ):
        says(page, said)
        sees(page, seen)
    number = re.search(r"YC\d+", page.locator("#ussd-screen").inner_text())
    assert number is not None
    ministry = chromium.new_page()
    ministry.goto(f"{gateway['sandbox']}/page/person/{person['qid']}")
    tickets = ministry.locator("form", has_text=number[0])
    tickets.get_by_label("To").select_option("completed")
    tickets.get_by_label("Reason").fill("Đã bổ sung mũi 2")
    tickets.get_by_role("button", name="Move").click()
    ministry.close()
    page.get_by_role("tab", name="Tin nhắn").click()
    is_told(page, "sms", number[0])
    is_told(page, "sms", "da sua xong")
    page.get_by_role("tab", name="Bấm số").click()
    says(page, "00")
    sees(page, "Mot Cua")
    says(page, "6")
    sees(page, number[0], "da sua xong", "Da bo sung mui 2")
    expect(page.locator("#sms-thread > li.them")).to_have_count(1, timeout=SOON)
