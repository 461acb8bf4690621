"""The pages for the browser: whom to play, moods, forms, the risk map, what was received."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx2
import pytest

from sandbox.happenings import TO_A_PERSON
from sandbox.moods import MOODS
from tests.sandbox.conftest import Visitor, declaration, ticket

PAGES = ("/", "/page/moods", "/page/forms", "/page/areas", "/page/received")


def send(visitor: Visitor, path: str, **fields: str) -> str:
    """Sends a form as a browser does, and gives the page it leads to."""
    answer = visitor.http.post(path, data=fields)
    assert answer.status_code == 303
    return visitor.http.get(answer.headers["location"]).text


def note(page: str) -> str:
    """What the page says became of the form."""
    found = re.search(r'<p class="note (good|bad)" role="status">(.*?)</p>', page)
    assert found
    return f"{found[1]}: {found[2]}"


class Fields(HTMLParser):
    """Collects every value a form on the page can send, by field name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, set[str]] = {}
        self.unlabelled: list[str] = []
        self._labels = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a field, and whether a label stands around it."""
        named = dict(attrs)
        self._labels += tag == "label"
        if tag in ("input", "button", "select") and (name := named.get("name")):
            self.values.setdefault(name, set()).add(named.get("value") or "")
            if tag != "button" and named.get("type") != "hidden" and not self._labels:
                self.unlabelled.append(name)

    def handle_endtag(self, tag: str) -> None:
        """Leaves a label."""
        self._labels -= tag == "label"


def test_the_first_page_tells_a_newcomer_whom_to_play(visitor: Visitor) -> None:
    page = visitor.http.get("/").text
    for seen in (
        "Nguyễn Thị Hường", "+84912004701", "056190004701", "1990", "CMND", "green",
        'href="/?offset=12"',
    ):  # fmt: skip
        assert seen in page
    last = visitor.http.get("/?offset=96").text
    assert 'href="/?offset=84"' in last
    assert "More →" not in last
    assert "Nobody here" in visitor.http.get("/?offset=999").text


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_no_script_and_no_other_host(visitor: Visitor, path: str) -> None:
    page = visitor.http.get(path).text
    assert "<script" not in page
    assert "style=" not in page
    assert "http://" not in page
    assert 'name="viewport"' in page
    assert page.count('aria-current="page"') == 1
    assert Fields(page).unlabelled == []
    assert visitor.http.get("/static/sandbox.css").status_code == 200


def test_people_are_found_by_story_and_by_telephone(visitor: Visitor) -> None:
    one = visitor.http.get("/", params={"story": "leap-day"}).text
    assert "Đặng Thị Út Nhuận" in one
    assert "1–1 of 1" in one
    family = visitor.http.get("/", params={"phone": "0912 004 701"}).text
    assert "1–4 of 4" in family
    adults = visitor.http.get("/", params={"story": "adult"}).text
    assert re.search(r'href="/\?offset=12&amp;story=adult"', adults)


def test_odd_names_are_shown_harmlessly(visitor: Visitor) -> None:
    body = {
        "paper": {"type": "passport", "number": "ZZ12345"},
        "name": '"><script>alert(1)</script>'.replace("<", "&lt;"),
        "birthDate": "1990-01-01",
        "gender": "unknown",
    }
    qid = visitor.qrqg("personal-qr", body, "k").json()["qid"]
    for path in ("/?offset=96", f"/page/person/{qid}", "/page/received"):
        page = visitor.http.get(path).text
        assert "&#34;&gt;&amp;lt;script&gt;" in page
        assert "<script" not in page


def test_every_mood_has_a_button_and_the_state_is_on_every_page(visitor: Visitor) -> None:
    page = visitor.http.get("/page/moods").text
    assert Fields(page).values["mood"] == set(MOODS)
    fields = {"platform": "qrqg", "mood": "429", "seconds": "600", "delay": "7"}
    page = send(visitor, "/page/moods", **fields)
    assert note(page) == "good: qrqg is now: 429."
    assert re.search(r'value="429" class="" aria-pressed="true"', page)
    answer = visitor.http.get("/qrqg/v1/personal-qr/1", headers=visitor.auth)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    for path in PAGES:
        assert re.search(r"<b>QRQG</b>\s*429 till \d\d:\d\d:\d\d", visitor.http.get(path).text)
    send(visitor, "/page/moods", platform="qrqg", mood="well")
    assert visitor.http.get("/moods").json()["qrqg"]["mood"] == "well"


@pytest.mark.parametrize(
    "wrong", [{"mood": "grumpy"}, {"platform": "sms"}, {"seconds": "ten"}, {"delay": "-1"},
              {"seconds": "nan"}],
)  # fmt: skip
def test_a_wrong_mood_changes_nothing(visitor: Visitor, wrong: dict[str, str]) -> None:
    page = send(visitor, "/page/moods", **({"platform": "fhir", "mood": "slow"} | wrong))
    assert note(page).startswith("bad: ")
    assert {each["mood"] for each in visitor.http.get("/moods").json().values()} == {"well"}


def test_everything_that_can_happen_has_a_button(visitor: Visitor) -> None:
    person = visitor.person("wrong-dose-missing")
    visitor.write(ticket(person["patient"], "t1"))
    fields = Fields(visitor.http.get(f"/page/person/{person['qid']}").text)
    assert fields.values["what"] == set(TO_A_PERSON)
    assert fields.values["value"] >= {"detected", "not-detected"}
    assert fields.unlabelled == []


def test_things_are_made_to_happen_to_the_person_chosen(visitor: Visitor) -> None:
    person = visitor.person("wrong-dose-missing")
    path = f"/page/person/{person['qid']}"
    visitor.write(ticket(person["patient"], "t1"))
    page = send(visitor, path, what="result-final", method="antigen", value="detected")
    assert note(page) == (
        "good: result-final: Châu Thị Thiếu. Records changed: 1. Subscribers told: 0."
    )
    assert "last test detected (final)" in " ".join(page.split())
    send(visitor, path, what="result-corrected")
    send(visitor, path, what="dose-due", date="2027-01-02")
    page = send(visitor, path, what="isolation-started", days="7")
    assert "number 2, from 02/01/2027" in page
    assert "<dt>Isolation</dt>" in page
    page = send(
        visitor, path, what="ticket-moved", ticket="task-1", state="completed", reason="Đã bổ sung"
    )
    assert "Đã bổ sung" in page
    assert "the record is wrong" not in page
    after = visitor.person("wrong-dose-missing")["expects"]
    assert (after["doses"], after["lastTest"]["status"]) == (2, "corrected")


@pytest.mark.parametrize(
    "fields", [{"what": "miracle"}, {"what": "ticket-moved"}, {"what": "result-corrected"},
               {"what": "isolation-started", "days": "a week"}, {}],
)  # fmt: skip
def test_what_cannot_be_is_said(visitor: Visitor, fields: dict[str, str]) -> None:
    path = f"/page/person/{visitor.person('cmnd-only')['qid']}"
    assert note(send(visitor, path, **fields)).startswith("bad: This cannot be: ")


def test_nobody_has_no_page(visitor: Visitor) -> None:
    assert visitor.http.get("/page/person/7").status_code == 404
    assert visitor.http.post("/page/person/7", data={"what": "dose-due"}).status_code == 404


def test_a_form_is_published_by_a_button(visitor: Visitor) -> None:
    page = send(visitor, "/page/forms", edition="taste")
    assert note(page) == "good: Published: Tờ khai y tế toàn dân, edition 3.0."
    assert "thay đổi vị giác không?" in page
    assert note(send(visitor, "/page/forms", edition="tenth")).startswith("bad: ")


def test_a_level_is_changed_by_a_button(visitor: Visitor) -> None:
    page = send(visitor, "/page/areas", area="khanh-hoa.phuong-nha-trang", level="4")
    assert note(page).startswith("good: risk-changed: Phường Nha Trang.")
    assert page.count("<details") == page.count('<details class="card">') + 1
    risk = visitor.resources("Observation", subject="Location/khanh-hoa.phuong-nha-trang")
    assert risk[0]["valueInteger"] == 4
    assert note(send(visitor, "/page/areas", area="atlantis", level="4")).startswith("bad: ")


def test_what_was_received_newest_first(visitor: Visitor) -> None:
    for number in range(23):
        visitor.write(declaration("p-leap-day", f"k{number}"))
    visitor.write(ticket("p-leap-day", "t1"))
    page = visitor.http.get("/page/received").text
    assert page.index("task-1") < page.index("questionnaireresponse-23")
    assert "1–20 of 24" in page
    assert 'href="/page/received?offset=20"' in page
    assert "1–1 of 1" in visitor.http.get("/page/received?kind=ticket").text


def test_the_secret_of_a_hook_is_on_no_page(visitor: Visitor) -> None:
    body = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "results",
        "criteria": "Task",
        "channel": {
            "type": "rest-hook",
            "endpoint": "http://127.0.0.1:9/hook",
            "header": ["Authorization: Bearer hook-secret"],
        },
    }
    assert visitor.write(body).status_code == 201
    for path in (*PAGES, "/page/received?kind=subscription", "/received"):
        assert "hook-secret" not in visitor.http.get(path).text


def test_reloading_the_page_sends_nothing_twice(visitor: Visitor) -> None:
    with httpx2.Client(base_url=visitor.http.base_url, follow_redirects=True) as browser:
        page = browser.post("/page/forms", data={"edition": "short"})
        assert page.request.method == "GET"
        assert browser.get(str(page.url)).text == page.text
    assert len(visitor.resources("Questionnaire", url="urn:motcua:form:general")) == 3
