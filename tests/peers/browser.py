"""The simulator in a real browser: what a person does there and sees there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.peers.conftest import running_gateway

SOON = 15_000
"""Milliseconds within which an answer that needs the sandbox and a worker must be on the screen."""

DESKTOP = {"width": 1366, "height": 860}
HANDHELD = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """One gateway for all these tests."""
    with running_gateway(tmp_path_factory.mktemp("simulator")) as facts:
        yield facts


@pytest.fixture(scope="module")
def people(gateway: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The sandbox's people by their stories. No two tests play the same one."""
    listed = httpx2.get(f"{gateway['sandbox']}/people", params={"limit": 40}).json()
    return {person["story"]: person for person in listed}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, gateway: Mapping[str, Any]) -> Iterator[Page]:
    """The simulator on a desk; whatever the page complains of fails the test."""
    yield from opened(chromium, gateway, DESKTOP)


@pytest.fixture
def small_page(chromium: Browser, gateway: Mapping[str, Any]) -> Iterator[Page]:
    """The simulator on a phone's browser."""
    yield from opened(chromium, gateway, HANDHELD)


def opened(chromium: Browser, gateway: Mapping[str, Any], size: Any) -> Iterator[Page]:
    page = chromium.new_page(viewport=size)
    page.set_default_timeout(SOON)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{gateway['web']}/simulator")
    expect(page.locator("#chosen-name")).not_to_have_text("…")
    yield page
    assert complaints == []
    page.close()


def becomes(page: Page, name: str) -> None:
    """Takes up the telephone of somebody on the list."""
    page.locator("#people-search").fill(name)
    page.locator("#people-list button").first.click()
    expect(page.locator("#chosen-name")).to_have_text(name)


def presses(page: Page, keys: str) -> None:
    """Presses keys of the keypad, then the green key."""
    for key in keys:
        page.locator(f'#keypad [data-key="{key}"]').click()
    page.locator("#ussd-send").click()


def sees(page: Page, *words: str) -> None:
    """The USSD screen shows these words, soon."""
    for word in words:
        expect(page.locator("#ussd-screen")).to_contain_text(word, timeout=SOON)


def taps(page: Page, label: str) -> None:
    """Taps a button below the bot's newest message, as soon as it is there."""
    newest = page.locator("#chat-thread > li").last
    newest.get_by_role("button", name=label, exact=False).click()


def writes(page: Page, thread: str, text: str) -> None:
    """Writes a message and sends it with the Enter key."""
    page.locator(f"#{thread}-input").fill(text)
    page.locator(f"#{thread}-input").press("Enter")


def is_told(page: Page, thread: str, word: str) -> None:
    """The newest message of a thread has this word, soon."""
    expect(page.locator(f"#{thread}-thread > li").last).to_contain_text(word, timeout=SOON)


def says(page: Page, text: str) -> None:
    """Types into the USSD screen's own line, then presses the green key."""
    page.locator("#ussd-input").fill(text)
    page.locator("#ussd-send").click()


def dials_and_links(page: Page, person: Mapping[str, Any]) -> None:
    """By USSD, on the way to the status."""
    says(page, "*1022*2#")
    sees(page, "Dong y")
    for said, seen in (
        ("1", "CCCD"),
        (person["papers"][0]["number"], "sinh nam nao"),
        (person["birthDate"][:4], "Tinh den"),
    ):
        says(page, said)
        sees(page, seen)
