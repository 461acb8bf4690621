"""The Zalo account in the whole house: let in, tended, told about, and never a secret in sight."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete

from bot.zalo_oauth import challenge
from core.clock import now
from core.store.tables import token_pair
from core.token_pairs import Pair
from gateway import app, wiring, zalo_parts
from gateway.senders import senders
from gateway.settings import load
from gateway.settings_checks import SettingsError
from gateway.zalo import Authorisation, command
from gateway.zalo_parts import Tending
from tests.gateway.conftest import a_house
from tests.peers.zalo import APP_SECRET, TOKEN, ZaloPeer
from tests.peers.zalo_events import APP_ID
from tests.peers.zalo_http import Trouble

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture
def peer() -> Iterator[ZaloPeer]:
    with ZaloPeer(now) as made:
        yield made


@pytest.fixture
def house(
    peer: ZaloPeer,
    database_url: str,
    clean_redis: str,
    sandbox: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[wiring.House]:
    for name, value in {
        "APP_ID": APP_ID,
        "APP_SECRET": APP_SECRET,
        "CODE_VERIFIER": VERIFIER,
        "API_URL": peer.url,
        "OAUTH_URL": peer.url,
        "BUSINESS_URL": peer.url,
        "TEMPLATES": "result=t1, reminder=t2",
    }.items():
        monkeypatch.setenv(f"MOTCUA_ZALO_{name}", value)
    with a_house(monkeypatch, tmp_path, database_url, clean_redis, sandbox) as built:
        yield built
        with built.database.begin() as connection:
            connection.execute(delete(token_pair))


def run(*arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(command, arguments, input=said)


def put(house: wiring.House, peer: ZaloPeer, **left: float) -> None:
    """Tokens of which the access token holds for so long."""
    access, refresh = peer.pair()
    until = now() + timedelta(**left)
    house.zalo_shelf.put(Pair(access, refresh, now(), until, now() + timedelta(days=90)))


def test_an_admin_lets_our_app_in_by_a_link(house: wiring.House, peer: ZaloPeer) -> None:
    result = run("authorise", said=f"{peer.consents(challenge(VERIFIER))}\n")
    assert result.exit_code == 0, result.output
    assert f"{peer.url}/v4/oa/permission?app_id={APP_ID}" in result.output
    assert "are stored" in result.output
    assert house.zalo_tokens is not None
    assert house.zalo_tokens.token() in peer.access
    told = run("status")
    assert told.exit_code == 0, told.output
    assert "Zalo knows us as Một Cửa" in told.output
    for hidden in (VERIFIER, APP_SECRET, *peer.access, *peer.refresh):
        assert hidden not in result.output + told.output


def test_without_a_verifier_of_the_console_each_attempt_has_its_own(
    house: wiring.House, peer: ZaloPeer
) -> None:
    def agree(link: str) -> str:
        asked = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
        code = peer.consents(asked["code_challenge"])
        return f"{asked['redirect_uri']}?code={code}&oa_id=1&state={asked['state']}"

    def cheat(link: str) -> str:
        return agree(link).replace("state=", "state=x")

    oauth, shelf = zalo_parts.oauth(house.settings), house.zalo_shelf
    attempt = Authorisation(oauth, shelf, now, "https://motcua.example.vn/")
    with pytest.raises(ValueError, match="another attempt"):
        attempt.run(cheat)
    assert shelf.read() is None
    attempt.run(agree)
    kept = shelf.read()
    assert kept is not None
    assert kept.pair.access in peer.access


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("https://motcua.example.vn/?error=1\n", "not the address"),
        ("code-of-somebody-else\n", "-118"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(house: wiring.House, said: str, words: str) -> None:
    result = run("authorise", said=said)
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output


def test_before_the_first_authorisation_the_status_says_what_to_do(house: wiring.House) -> None:
    result = run("status")
    assert result.exit_code == 1
    assert "python -m gateway zalo authorise" in result.output


def test_a_refused_refresh_token_is_said(house: wiring.House, peer: ZaloPeer) -> None:
    put(house, peer, hours=1)
    peer.refresh.clear()
    assert house.zalo_tokens is not None
    Tending(house.zalo_tokens).step()
    result = run("status")
    assert result.exit_code == 1
    assert "refuses the refresh token" in result.output


def test_the_metrics_tell_how_long_the_tokens_hold(house: wiring.House, peer: ZaloPeer) -> None:
    page = app.make(house).test_client()

    def left(token: str) -> float:
        shown = page.get("/metrics").get_data(as_text=True)
        found = re.search(rf'^motcua_zalo_token_seconds{{token="{token}"}} (\S+)$', shown, re.M)
        assert found is not None
        return float(found[1])

    assert (left("access"), left("refresh")) == (-1.0, -1.0)
    put(house, peer, hours=10)
    assert left("access") == pytest.approx(36_000, abs=60)
    assert left("refresh") == pytest.approx(90 * 86_400, abs=60)


def test_the_worker_tends_the_tokens_once_a_minute(house: wiring.House, peer: ZaloPeer) -> None:
    put(house, peer, hours=1)
    peer.will_answer(TOKEN, *[Trouble(status=502)] * 5)
    tick = [0.0]
    assert house.zalo_tokens is not None
    tending = Tending(house.zalo_tokens, tick=lambda: tick[0])
    for seconds in (0.0, 5.0, 59.0):
        tick[0] = seconds
        tending.step()
    assert len(peer.called(TOKEN)) == 1


def test_there_is_a_sender_where_there_is_an_app(
    house: wiring.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names(settings_of: Callable[[], wiring.House]) -> list[str]:
        return [sender.provider for sender in senders(settings_of())]

    assert "zalo" in names(lambda: house)
    assert house.settings.zalo_templates == {"result": "t1", "reminder": "t2"}
    monkeypatch.setenv("MOTCUA_ZALOBOT_TOKEN", "1:token")
    assert "zalobot" in names(lambda: wiring.build(load()))
    monkeypatch.setenv("MOTCUA_ENV", "production")
    monkeypatch.setenv("MOTCUA_ZALO_APP_SECRET", "")
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "s" * 32)
    monkeypatch.setenv("MOTCUA_FIELD_KEYS", "k1:" + "QUFB" * 10 + "QUE=")
    assert "zalo" not in names(lambda: wiring.build(load()))


@pytest.mark.parametrize("written", ["result", "result=", "=t1", "nonsense=t1", "result=t1,x"])
def test_templates_are_by_purpose(
    house: wiring.House, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("MOTCUA_ZALO_TEMPLATES", written)
    with pytest.raises(SettingsError, match="purpose=template"):
        load()
