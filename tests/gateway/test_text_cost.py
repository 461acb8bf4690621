"""What texts cost is counted as a network counts, and told whole."""

from __future__ import annotations

import io

from click.testing import CliRunner
from rich.console import Console

from core.gsm import segments, ucs2_units
from core.message import Screen
from core.notices.register import NOTICES
from core.text import LANGUAGES, plain
from gateway.check_text import command
from gateway.costs_page import costs_page, sums, with_sums
from gateway.text_cost import ACCENTS, Built, Cost, _cost, costs, every_text, show
from sms.texts import SmsVoice
from tests.conftest import ROOT


def cost_of(words: str, accents: bool | None = None) -> Cost:
    return _cost(SmsVoice(), Built("screen", "x", Screen(plain(words))), "vi", accents)


def test_a_text_costs_its_parts() -> None:
    one = cost_of("Kết quả")
    assert (one.parts, one.alphabet, one.length, one.in_one) == (1, "GSM-7", 7, True)
    two = cost_of("Kết quả " * 9, accents=True)
    assert (two.parts, two.alphabet, two.in_one) == (2, "UCS-2", False)
    assert two.length == ucs2_units("Kết quả " * 9)
    assert cost_of("a" * 161).parts == 2
    assert cost_of("a" * 152 + "{" + "a" * 152).parts == 3, "a pair is never split"


def test_of_a_paged_text_every_page_is_paid() -> None:
    long = "mot hai ba " * 100
    pages = SmsVoice().pages(Screen(plain(long)), language="vi", accents=None)
    assert len(pages) > 1
    assert cost_of(long).parts == sum(len(segments(page.text)) for page in pages) > 3


def test_every_text_is_counted_once_for_each_language_and_wish() -> None:
    found = costs()
    named = {(built.kind, built.name) for built in every_text()}
    assert len(found) == len(named) * len(LANGUAGES) * len(ACCENTS)
    assert {kind for kind, _ in named} == {"news", "last word", "screen", "form"}
    notices = sum(len(one.worst) for one in NOTICES)
    assert sum(kind == "news" for kind, _ in named) == notices + 1, "and the one to link again"
    assert not any(one.alphabet == "UCS-2" for one in found if one.accents is None)


def test_what_we_say_on_our_own_account_is_one_part() -> None:
    dear = [
        one
        for one in costs()
        if one.built.kind in ("news", "last word") and one.accents is None and not one.in_one
    ]
    assert dear == []


LONGER = {
    "area/place": "six places, each with the name of its ward and of its city",
    "chats/which": "eight chats of one person",
    "declare/confirm": "the form's own short question, above two long signs",
    "qr/code": "the codes of five others in the family",
}
"""Screens of lists that are longer than one part with their longest data, and why."""


def test_every_other_text_is_one_part_with_the_longest_names() -> None:
    dear = {
        one.built.name
        for one in costs()
        if one.built.kind != "form" and one.accents is None and not one.in_one
    }
    assert dear == set(LONGER)


def test_the_table_and_the_list_agree() -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    found = costs()
    show(console, found)
    printed = console.export_text()
    dear = [one for one in found if one.accents is None and not one.in_one]
    assert f"{len(dear)} texts without accents are more than one part" in printed
    assert sum(line.startswith("  ") and " septets " in line for line in printed.splitlines()) == (
        len(dear)
    )


def test_the_command_prints_it() -> None:
    result = CliRunner().invoke(command, ["--cost"])
    assert result.exit_code == 0
    assert "more than one part of GSM-7" in result.output


def test_the_docs_tell_what_texts_cost_today() -> None:
    """After a change of words: `make docs`."""
    found = costs()
    assert (ROOT / "docs/costs.md").read_text(encoding="utf-8") == costs_page(found)
    page = (ROOT / "docs/sms.md").read_text(encoding="utf-8")
    assert page == with_sums(page, found)
    assert sums(found) in page
