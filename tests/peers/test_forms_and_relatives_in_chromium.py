"""In a real browser: a relative registered in the chat, a form published on the ministry's page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.peers.browser import (
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


def opens_chat(page: Page) -> None:
    """Shares the number that was linked by USSD."""
    page.get_by_role("tab", name="Chat").click()
    writes(page, "chat", "tình trạng")
    page.locator("#chat-keys").get_by_role("button").first.click()
    is_told(page, "chat", "Tính đến")


def test_a_child_is_registered_in_the_chat_and_an_officer_accepts_the_code(
    page: Page, people: dict[str, dict[str, Any]]
) -> None:
    father = people["day-13"]
    becomes(page, father["name"])
    dials_and_links(page, father)
    opens_chat(page)
    writes(page, "chat", "Đăng ký cho người thân")
    is_told(page, "chat", "Đăng ký cho ai?")
    taps(page, "Con tôi")
    for seen, said in (
        ("Họ và tên", "hà thị bé"),
        ("Ngày sinh", "1/6/2025"),
    ):
        is_told(page, "chat", seen)
        writes(page, "chat", said)
    is_told(page, "chat", "Nữ hay nam")
    taps(page, "Nữ")
    is_told(page, "chat", "giấy khai sinh")
    writes(page, "chat", "cháu chưa có")
    is_told(page, "chat", "trạm y tế phường có thể giúp")
    writes(page, "chat", "036325001234")
    is_told(page, "chat", "HA THI BE, sinh 01/06/2025")
    taps(page, "1. Đăng ký")
    is_told(page, "chat", "Đã đăng ký cho Thị Bé")
    newest = page.locator("#chat-thread > li").last
    expect(newest.locator("img")).to_be_visible()
    code = re.search(r"[1-9]\d{3} \d{4} \d{4}", newest.inner_text())
    assert code is not None
    page.locator("#officer-input").fill(code[0])
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.locator(".verdict .name")).to_have_text("HA T** B**")
    expect(page.locator(".verdict")).to_contain_text("2025")


def test_the_ministry_publishes_a_form_and_whoever_is_in_the_old_one_ends_it(
    page: Page,
    chromium: Browser,
    gateway: Mapping[str, Any],
    people: dict[str, dict[str, Any]],
) -> None:
    person = people["leap-day"]
    becomes(page, person["name"])
    dials_and_links(page, person)
    opens_chat(page)
    writes(page, "chat", "khai báo")
    is_told(page, "chat", "có tiếp xúc với")
    taps(page, "Trả lời từng câu")
    is_told(page, "chat", "có đến tỉnh/thành phố")
    ministry = chromium.new_page()
    ministry.goto(f"{gateway['sandbox']}/page/forms")
    ministry.get_by_role("button", name="short").click()
    expect(ministry.locator("body")).to_contain_text("edition 3.0")
    ministry.close()
    page.wait_for_timeout(5_500)  # for so long a process does not ask for the form again
    for seen in ("thấy xuất hiện", "Người bệnh", "Người từ nước", "Người có biểu hiện", "Gửi"):
        taps(page, "Không")
        is_told(page, "chat", seen)
    taps(page, "1. Gửi")
    is_told(page, "chat", "Đã nhận tờ khai")
    page.get_by_role("tab", name="Bấm số").click()
    for said, seen in (
        ("00", "Mot Cua"),
        ("3", "Tra loi tung cau"),
        ("2", "sot, ho"),
        ("1", "Gan nguoi benh"),
        ("1", "Gui to khai"),
        ("1", "Da nhan to khai"),
    ):
        says(page, said)
        sees(page, seen)
    asked = {"kind": "declaration", "phone": person["phone"]}
    received = httpx2.get(f"{gateway['sandbox']}/received", params=asked).json()
    editions = [one["body"]["questionnaire"].partition("|")[2] for one in received]
    assert editions == ["2.0", "3.0"]


def test_a_ticket_that_is_refused_says_why(
    page: Page,
    chromium: Browser,
    gateway: Mapping[str, Any],
    people: dict[str, dict[str, Any]],
) -> None:
    person = people["wrong-all-missing"]
    becomes(page, person["name"])
    dials_and_links(page, person)
    page.get_by_role("tab", name="Tin nhắn").click()
    page.locator("#sms-by").select_option("kannel")
    for said, seen in (
        ("SAI", "Thieu tat ca mui tiem"),
        ("2", "Nhap ngay"),
        ("12/5/2026, Pfizer, tram y te phuong 3", "GUI "),
    ):
        writes(page, "sms", said)
        is_told(page, "sms", seen)
    newest = page.locator("#sms-thread > li").last
    code = re.search(r"GUI \d+", newest.inner_text())
    assert code is not None
    writes(page, "sms", code[0])
    is_told(page, "sms", "Muon xem, xin nhan SAI.")
    number = re.search(r"YC\d+", newest.inner_text())
    assert number is not None
    ministry = chromium.new_page()
    for state, reason, told in (
        ("in-progress", "Đang hỏi trạm y tế", "dang xac minh"),
        ("rejected", "Không tìm thấy cơ sở tiêm", "khong duoc chap nhan"),
    ):
        ministry.goto(f"{gateway['sandbox']}/page/person/{person['qid']}")
        ticket = ministry.locator("form", has_text=number[0])
        ticket.get_by_label("To").select_option(state)
        ticket.get_by_label("Reason").fill(reason)
        ticket.get_by_role("button", name="Move").click()
        is_told(page, "sms", f"Phieu {number[0]}")
        is_told(page, "sms", told)
    ministry.close()
    writes(page, "sms", "sai")
    is_told(page, "sms", "Khong tim thay co so tiem")
    is_told(page, "sms", f"Phieu {number[0]}: khong duoc chap nhan")
