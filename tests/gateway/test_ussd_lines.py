"""Who carries USSD by the settings, how long a page is there, and how long a step may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import ussd_lines
from gateway.settings import Settings, load
from gateway.settings_channels import UNSIGNED_USSD
from gateway.settings_checks import SettingsError
from ussd.mobicents_push import MobicentsPush
from ussd.pages import UssdVoice


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("MOTCUA_ENV", "development")
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    return load(servers=False)


def voice(settings: Settings, name: str) -> UssdVoice:
    spoken = ussd_lines.voices(settings)[name]
    assert isinstance(spoken, UssdVoice)
    return spoken


def test_everybody_with_a_secret_has_a_line(settings: Settings) -> None:
    names = [one.name for one in ussd_lines.lines(settings)]
    assert sorted(names) == sorted(UNSIGNED_USSD)


def test_junebug_without_its_channel_is_set_up_by_half(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_JUNEBUG_URL", "http://junebug.example:8080")
    with pytest.raises(SettingsError, match="MOTCUA_JUNEBUG_CHANNEL"):
        load(servers=False)


def test_only_who_differs_has_a_voice_of_its_own(settings: Settings) -> None:
    """All others share one, and with it the pages that it has made already."""
    assert set(ussd_lines.voices(settings)) == {"nalo", "kannel"}
    assert voice(settings, "nalo").limit == 120
    assert voice(settings, "nalo").patience == settings.patience_ussd


def test_pages_and_patience_are_set_for_each(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTCUA_NALO_PAGE", "110")
    monkeypatch.setenv("MOTCUA_HUBTEL_PATIENCE", "2.5")
    changed = load(servers=False)
    assert voice(changed, "nalo").limit == 110
    assert (voice(changed, "hubtel").limit, voice(changed, "hubtel").patience) == (160, 2.5)


def test_notices_are_shown_as_long_as_that_gateways_pages(settings: Settings) -> None:
    assert not any(isinstance(one, MobicentsPush) for one in ussd_lines.senders(settings))
    url = {"mobicents_push_url": "http://gateway.example:8080/restcomm"}
    short = settings.model_copy(update={**url, "ussd_pages": {"mobicents": 100}})
    (sender,) = ussd_lines.senders(short)
    assert isinstance(sender, MobicentsPush)
    assert sender.limit == 100
