"""The pictures of both chats in the documentation, from the simulator in a real browser.

`CHAT_PICTURES=docs make test-peers ARGS=tests/peers/test_chat_pictures.py` makes them anew.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.conftest import ROOT
from tests.peers.browser import SOON, becomes, chromium, gateway, is_told, people, taps, writes

pytestmark = pytest.mark.peers

__all__ = ["chromium", "gateway", "people"]

TALL = "860px"
"""Of the telephone: enough for a menu with all its buttons."""


@pytest.fixture
def page(chromium: Browser, gateway: Mapping[str, Any]) -> Iterator[Page]:
    """The simulator on a tall screen, with its chat open."""
    page = chromium.new_page(viewport={"width": 1366, "height": 1100}, device_scale_factor=1.5)
    page.set_default_timeout(SOON)
    page.goto(f"{gateway['web']}/simulator")
    expect(page.locator("#chosen-name")).not_to_have_text("…")
    page.get_by_role("tab", name="Chat").click()
    page.evaluate(f"document.querySelector('.bezel').style.height = '{TALL}'")
    yield page
    page.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return ROOT / os.environ["CHAT_PICTURES"] if "CHAT_PICTURES" in os.environ else tmp_path


def shot(page: Page, thread: str) -> Image.Image:
    """The telephone as it stands, scrolled to its newest message, when all pictures are there."""
    newest = page.locator(f"#{thread}-thread > li").last
    expect(newest).to_be_visible()
    page.wait_for_function(
        "[...document.images].filter(one => one.offsetParent).every(one => one.complete)"
    )
    page.evaluate(f"document.getElementById('{thread}-thread').scrollTop = 1e6")
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.mouse.move(1, 1)
    page.wait_for_timeout(300)
    return Image.open(io.BytesIO(page.locator(".bezel").screenshot(omit_background=True)))


def side_by_side(left: Image.Image, right: Image.Image, file: Path) -> None:
    gap = 40
    both = Image.new("RGB", (left.width + right.width + gap, left.height), "white")
    both.paste(left, (0, 0), left if left.mode == "RGBA" else None)
    both.paste(right, (left.width + gap, 0), right if right.mode == "RGBA" else None)
    both.quantize(192).save(file, optimize=True)
    assert file.stat().st_size < 400_000


def test_telegram(page: Page, people: dict[str, dict[str, Any]], folder: Path) -> None:
    mother = people["family-mother"]
    becomes(page, mother["name"])
    page.locator("#chat-thread").get_by_role("button", name="/start").click()
    is_told(page, "chat", "Một Cửa")
    menu = shot(page, "chat")
    taps(page, "Mã QR")
    page.locator("#chat-keys").get_by_role("button").first.click()
    is_told(page, "chat", "Đồng ý")
    taps(page, "Đồng ý")
    is_told(page, "chat", "CCCD")
    writes(page, "chat", mother["papers"][0]["number"])
    is_told(page, "chat", "năm nào")
    writes(page, "chat", mother["birthDate"][:4])
    expect(page.locator("#chat-thread img")).to_be_visible()
    side_by_side(menu, shot(page, "chat"), folder / "chat-telegram.png")


def test_zalo(page: Page, people: dict[str, dict[str, Any]], folder: Path) -> None:
    kiem = people["odd-cccd"]
    becomes(page, kiem["name"])
    page.locator("#chat-by").select_option("zalo")
    thread = page.locator("#zalo-thread > li")

    def told(word: str) -> None:
        expect(thread.last).to_contain_text(word, timeout=SOON)

    thread.last.get_by_role("button", name="Quan tâm").click()
    told("9. English")
    menu = shot(page, "zalo")
    thread.last.get_by_role("button", name="Mã QR").click()
    told("số di động")
    writes(page, "chat", kiem["phone"])
    told("SMS")
    page.get_by_role("tab", name="Tin nhắn").click()
    is_told(page, "sms", "la ma xac minh")
    code = page.locator("#sms-thread > li").last.inner_text()[:6]
    page.get_by_role("tab", name="Chat").click()
    writes(page, "chat", code)
    told("Đồng ý")
    thread.last.get_by_role("button", name="Đồng ý").click()
    told("CCCD")
    writes(page, "chat", kiem["papers"][0]["number"])
    told("năm nào")
    writes(page, "chat", kiem["birthDate"][:4])
    expect(page.locator("#zalo-thread img")).to_be_visible()
    told("Mã ngắn")
    side_by_side(menu, shot(page, "zalo"), folder / "chat-zalo.png")
