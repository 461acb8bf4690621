"""A newcomer tries the simulator in a real browser: dial, link, text, chat, QR picture, officer."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.peers.browser import (
    HANDHELD,
    SOON,
    becomes,
    chromium,
    gateway,
    is_told,
    page,
    people,
    presses,
    says,
    sees,
    small_page,
    taps,
    writes,
)

pytestmark = pytest.mark.peers

__all__ = ["chromium", "gateway", "page", "people", "small_page"]
"""The fixtures that these tests are given."""


def test_she_dials_links_and_an_officer_accepts_her_code(
    page: Page, people: dict[str, dict[str, Any]]
) -> None:
    mother = people["family-mother"]
    becomes(page, mother["name"])
    page.locator("#ussd-send").click()
    sees(page, "1 Ma QR", "9 English")
    presses(page, "1")
    sees(page, "1 Dong y")
    presses(page, "1")
    sees(page, "CCCD")
    page.locator("#ussd-input").fill(mother["papers"][0]["number"])
    page.locator("#ussd-send").click()
    sees(page, "sinh nam nao")
    presses(page, mother["birthDate"][:4])
    sees(page, "Ma cua Thi Huong")
    code = re.search(r"[1-9]\d{3} \d{4} \d{4}", page.locator("#ussd-screen").inner_text())
    assert code is not None
    page.locator("#officer-input").fill(code[0])
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator(".verdict .name")).to_have_text("NGUYEN T** H**")
    expect(page.locator(".verdict")).to_contain_text("Xanh")
    expect(page.locator(".verdict")).to_contain_text("1990")
    page.locator("#wire summary").click()
    expect(page.locator("#wire-body")).to_contain_text("sessionId")


def test_in_the_chat_a_shared_number_leads_to_the_picture(
    page: Page, gateway: Mapping[str, Any], people: dict[str, dict[str, Any]]
) -> None:
    binh = people["no-diacritics"]
    becomes(page, binh["name"])
    page.get_by_role("tab", name="Chat").click()
    page.locator("#chat-thread").get_by_role("button", name="/start").click()
    is_told(page, "chat", "Một Cửa")
    taps(page, "Mã QR")
    page.locator("#chat-keys").get_by_role("button").first.click()
    is_told(page, "chat", "Đồng ý")
    taps(page, "Đồng ý")
    is_told(page, "chat", "CCCD")
    writes(page, "chat", binh["papers"][0]["number"])
    is_told(page, "chat", "năm nào")
    writes(page, "chat", binh["birthDate"][:4])
    page.locator("#chat-thread img").click()
    expect(page.locator("#picture-code")).to_have_text(re.compile(r"\d{4} \d{4} \d{4}"))
    source = page.locator("#picture-image").get_attribute("src") or ""
    picture = httpx2.get(f"{gateway['web']}/simulator/photo/{source.rpartition('/')[2]}")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)).convert("L"))
    assert found.text == binh["payload"]
    page.locator("#picture-copy").click()
    page.locator("#picture-close").click()
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator(".verdict .name")).to_have_text("NGUYEN V** B**")


def test_on_zalo_a_code_by_sms_leads_to_the_picture(
    page: Page, gateway: Mapping[str, Any], people: dict[str, dict[str, Any]]
) -> None:
    kiem = people["odd-cccd"]
    becomes(page, kiem["name"])
    page.get_by_role("tab", name="Chat").click()
    page.locator("#chat-by").select_option("zalo")
    thread = page.locator("#zalo-thread > li")

    def told(word: str) -> None:
        expect(thread.last).to_contain_text(word, timeout=SOON)

    thread.last.get_by_role("button", name="Quan tâm").click()
    told("9. English")
    thread.last.get_by_role("button", name="Mã QR").click()
    told("số di động")
    writes(page, "chat", kiem["phone"])
    told("SMS")
    page.get_by_role("tab", name="Tin nhắn").click()
    is_told(page, "sms", "la ma xac minh")
    text = page.locator("#sms-thread > li").last.inner_text()
    page.get_by_role("tab", name="Chat").click()
    writes(page, "chat", text[:6])
    told("Đồng ý")
    thread.last.get_by_role("button", name="Đồng ý").click()
    told("CCCD")
    writes(page, "chat", kiem["papers"][0]["number"])
    told("năm nào")
    writes(page, "chat", kiem["birthDate"][:4])
    page.locator("#zalo-thread img").click()
    source = page.locator("#picture-image").get_attribute("src") or ""
    picture = httpx2.get(f"{gateway['web']}/simulator/photo/{source.rpartition('/')[2]}")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)).convert("L"))
    assert found.text == kiem["payload"]


@pytest.mark.parametrize("carrier", ["twilio", "kannel"])
def test_a_text_is_answered_whoever_carries_it(
    page: Page, people: dict[str, dict[str, Any]], carrier: str
) -> None:
    who = {"twilio": "leap-day", "kannel": "minority-name"}[carrier]
    becomes(page, people[who]["name"])
    page.get_by_role("tab", name="Tin nhắn").click()
    page.locator("#sms-by").select_option(carrier)
    page.locator("#sms-words").get_by_role("button", name="HELP").click()
    expect(page.locator("#sms-thread > li.them").last).to_contain_text("KB", timeout=SOON)


def test_an_officer_is_told_why_a_code_is_refused(page: Page) -> None:
    page.locator("#officer-input").fill("1234 5678 9012")
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator(".verdict.refused")).to_be_visible()


def test_what_no_network_would_carry_is_not_sent(page: Page) -> None:
    page.locator("#ussd-input").fill("*101#")
    page.locator("#ussd-send").click()
    sees(page, "MMI")


def test_it_speaks_english_too(page: Page) -> None:
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("tab").first).to_have_text("Dial")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_role("tab").first).to_have_text("Dial")
    page.get_by_role("button", name="Tiếng Việt").click()


def test_on_a_phone_everything_is_within_reach(small_page: Page) -> None:
    page = small_page
    main = page.locator("main").bounding_box()
    assert main is not None
    assert main["width"] <= HANDHELD["width"]
    for key in page.locator("#keypad button").all():
        size = key.bounding_box()
        assert size is not None
        assert size["width"] >= 44
        assert size["height"] >= 44
    page.locator("#ussd-send").click()
    sees(page, "1 Ma QR")


def test_a_son_registers_his_mother_and_a_bad_day_stays_truthful(
    page: Page, people: dict[str, dict[str, Any]], gateway: Mapping[str, Any]
) -> None:
    """A relative gets a code; the platform goes down and comes back while he asks and declares."""
    son = people["elder-son"]
    becomes(page, son["name"])
    says(page, "*1022*8*1#")
    sees(page, "Dong y")
    for said, seen in (
        ("1", "CCCD"),
        (son["papers"][0]["number"], "sinh nam nao"),
        (son["birthDate"][:4], "Dang ky cho ai"),
        ("2", "Ho va ten"),
        ("Phạm Thị Bưởi", "Ngay sinh"),
        ("05/06/1940", "Nu hay nam"),
        ("1", "CCCD"),
        ("225998877", "PHAM THI BUOI"),
        ("1", "Da dang ky cho Thi Buoi"),
        ("00", "Mot Cua"),
        ("2", "Thi Buoi"),
        ("1", "Tinh den"),
    ):
        says(page, said)
        sees(page, seen)
    mood = f"{gateway['sandbox']}/moods/fhir"
    assert httpx2.post(f"{gateway['sandbox']}/forms", json={"edition": "short"}).status_code == 201
    page.wait_for_timeout(5_500)  # for so long a process does not ask for the form again
    for said, seen in (
        ("00", "Mot Cua"),
        ("3", "Viec nay cho ai"),
        ("1", "Tra loi tung cau"),
        ("2", "sot, ho"),
        ("1", "Gan nguoi"),
    ):
        says(page, said)
        sees(page, seen)
    says(page, "1")
    sees(page, "Gui to khai")
    assert httpx2.put(mood, json={"mood": "down"}).status_code == 200
    says(page, "1")
    sees(page, "da duoc giu an toan")
    for said, seen in (
        ("00", "Mot Cua"),
        ("2", "Viec nay cho ai"),
        ("1", "hien chua ket noi duoc"),
    ):
        says(page, said)
        sees(page, seen)
    assert httpx2.put(mood, json={"mood": "well"}).status_code == 200
    page.get_by_role("tab", name="Tin nhắn").click()
    is_told(page, "sms", "Da nhan to khai")
    received = httpx2.get(
        f"{gateway['sandbox']}/received", params={"kind": "declaration", "phone": son["phone"]}
    ).json()
    assert len(received) == 1
