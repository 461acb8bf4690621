"""Every screen fits every channel; and the check would notice one that does not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from core.dialogues import BY_NAME
from core.goals import Goal, Walk
from core.message import Channel, Page, Screen
from core.screens import every_screen
from core.text import LANGUAGES
from core.voice import Voice
from gateway import check_text
from gateway.check_text import ACCENTS, command, key_presses, tally, voices
from gateway.draw import command as draw
from ussd.pages import UssdVoice


@pytest.mark.parametrize("voice", voices(), ids=lambda voice: voice.channel.value)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("accents", ACCENTS)
def test_every_screen_fits_with_the_longest_data(
    voice: Voice, language: str, accents: bool | None
) -> None:
    found = tally(voice, language, accents, every_screen())
    assert found.screens > 150
    assert found.wrong == []


@dataclass(frozen=True)
class CarelessVoice:
    """Says everything on one page, whatever its size, and leaves the options out."""

    channel: Channel
    patience: float = 1.0
    keywords: bool = False

    def pages(self, screen: Screen, *, language: str, accents: bool | None) -> tuple[Page, ...]:
        return (Page((screen.brief or screen.say).to(language)),)


@pytest.mark.parametrize("channel", list(Channel))
def test_a_careless_voice_is_caught(channel: Channel) -> None:
    found = tally(CarelessVoice(channel), "vi", None, every_screen())
    assert any("left out" in what for what in found.wrong)
    if channel is Channel.USSD:
        assert any("letters outside GSM-7" in what for what in found.wrong)
    if channel is Channel.SMS:
        assert any("parts" in what for what in found.wrong)


def test_the_command_says_that_all_fit() -> None:
    result = CliRunner().invoke(command)
    assert result.exit_code == 0
    assert "screens fit" in result.output


def test_the_goals_are_reached_with_few_keys_in_every_language_and_family() -> None:
    _table, missed = key_presses()
    assert missed == []


def test_a_goal_that_takes_too_many_keys_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    modest = Goal("status", "status", "card", known=1, new=2)
    monkeypatch.setattr(check_text, "GOALS", (modest,))
    _table, missed = key_presses()
    assert len(missed) == 4
    assert CliRunner().invoke(command).exit_code == 1


def test_what_no_way_leads_to_has_no_count() -> None:
    assert Walk(UssdVoice(), "vi").keys(Goal("nowhere", "qr", "gone", known=1), linked=True) is None


def test_every_dialogue_is_drawn_with_its_steps() -> None:
    result = CliRunner().invoke(draw)
    assert result.exit_code == 0
    assert result.output.count("flowchart TD") == len(BY_NAME)
    assert "consent --> declined" in result.output


def test_an_unknown_dialogue_is_named_with_those_there_are() -> None:
    result = CliRunner().invoke(draw, ["nothing"])
    assert result.exit_code == 1
    assert "declare" in result.output
