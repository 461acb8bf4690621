"""Every screen fits every channel; and the check would notice one that does not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from core.dialogues import BY_NAME
from core.message import Channel, Page, Screen
from core.screens import every_screen
from core.text import LANGUAGES
from core.voice import Voice
from gateway.check_text import ACCENTS, command, tally, voices
from gateway.draw import command as draw


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


def test_every_dialogue_is_drawn_with_its_steps() -> None:
    result = CliRunner().invoke(draw)
    assert result.exit_code == 0
    assert result.output.count("flowchart TD") == len(BY_NAME)
    assert "consent --> declined" in result.output


def test_an_unknown_dialogue_is_named_with_those_there_are() -> None:
    result = CliRunner().invoke(draw, ["nothing"])
    assert result.exit_code == 1
    assert "declare" in result.output
