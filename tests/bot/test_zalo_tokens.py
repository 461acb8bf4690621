"""Tokens that renew themselves: once each, by one at a time, stored before use, and never in silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from bot.zalo_oauth import NotGranted, challenge, code_in, new_verifier
from bot.zalo_send import ZaloSender
from bot.zalo_tokens import MARGIN, FixedToken, ZaloTokens, pair_of
from core.errors import PlatformError, SendLater
from core.message import Page
from core.store.database import Database
from core.store.tables import token_pair
from core.store.token_pairs import TokenShelf
from core.store.vault import Vault
from tests.bot.zalo_house import ZaloHouse, to, zalo_house
from tests.peers.zalo import CS, TOKEN
from tests.peers.zalo_events import APP_ID, LINH
from tests.peers.zalo_http import Trouble


@pytest.fixture
def house() -> Iterator[ZaloHouse]:
    with zalo_house() as made:
        yield made


def another(house: ZaloHouse) -> ZaloTokens:
    """The tokens in another process."""
    return ZaloTokens(house.shelf, house.oauth, house.clock, sleep=lambda _: None)


def refreshed(house: ZaloHouse) -> int:
    return len(house.peer.called(TOKEN))


# The first authorisation


def test_the_known_examples() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    made = {new_verifier() for _ in range(10)}
    assert len(made) == 10
    assert {len(one) for one in made} == {43}


def test_whoever_runs_the_account_agrees_and_the_code_buys_the_first_pair(house: ZaloHouse) -> None:
    verifier = new_verifier()
    link = house.oauth.link(redirect="https://motcua.example.vn/", verifier=verifier, state="s1")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
    assert asked == {
        "app_id": APP_ID,
        "redirect_uri": "https://motcua.example.vn/",
        "code_challenge": challenge(verifier),
        "state": "s1",
    }
    code = house.peer.consents(asked["code_challenge"])
    came_back = f"https://motcua.example.vn/?code={code}&oa_id=388613280878808645&state=s1"
    grant = house.oauth.exchange(code_in(came_back, "s1"), verifier)
    house.shelf.put(pair_of(grant, house.clock()))
    assert grant.seconds == 90_000
    assert another(house).token() == grant.access
    with pytest.raises(NotGranted, match="-118"):
        house.oauth.exchange(code, verifier)


def test_a_code_is_of_no_use_to_others_or_too_late(house: ZaloHouse) -> None:
    verifier = new_verifier()
    code = house.peer.consents(challenge(verifier))
    with pytest.raises(NotGranted, match="-118"):
        house.oauth.exchange(code, new_verifier())
    code = house.peer.consents(challenge(verifier))
    house.clock.passes(minutes=10)
    with pytest.raises(NotGranted, match="-118"):
        house.oauth.exchange(code, verifier)


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("https://x.vn/?code=abc&state=s1", "abc"),
        ("https://x.vn/?oa_id=1&code=abc", "abc"),
        ("abc", "abc"),
    ],
)
def test_the_code_is_found_in_what_was_pasted(pasted: str, code: str) -> None:
    assert code_in(pasted, "s1") == code


@pytest.mark.parametrize(
    "pasted", ["", "https://x.vn/", "https://x.vn/?code=abc&state=other", "a=b"]
)
def test_what_is_no_answer_to_our_question_is_refused(pasted: str) -> None:
    with pytest.raises(ValueError):
        code_in(pasted, "s1")


# Renewing


def test_a_token_is_used_until_five_hours_before_its_end(house: ZaloHouse) -> None:
    first = house.tokens.token()
    house.clock.passes(hours=19, minutes=59)
    assert house.tokens.token() == first
    house.clock.passes(minutes=1)
    second = house.tokens.token()
    assert second != first
    assert refreshed(house) == 1
    assert house.tokens.token() == second


def test_the_new_pair_is_stored_before_it_is_used(house: ZaloHouse) -> None:
    house.clock.passes(hours=21)
    token = house.tokens.token()
    assert house.shelf.kept is not None
    assert (house.shelf.kept.pair.access, house.shelf.kept.version) == (token, 2)
    assert house.shelf.kept.pair.refresh in house.peer.refresh
    assert house.shelf.kept.pair.refresh_until == house.clock() + timedelta(days=90)


def test_another_process_uses_what_one_has_renewed(house: ZaloHouse) -> None:
    other = another(house)
    other.token()
    house.clock.passes(hours=21)
    assert house.tokens.token() == other.token()
    assert refreshed(house) == 1


def test_a_refused_token_is_renewed_and_the_message_goes_out(house: ZaloHouse) -> None:
    linh = house.linh()
    house.peer.revoke(house.tokens.token())
    house.clock.passes(minutes=2)
    house.sender().send(to(LINH, Page("Chào")))
    assert linh.last.text == "Chào"
    assert (refreshed(house), len(house.peer.called(CS))) == (1, 2)


def test_an_expired_token_is_renewed_before_it_is_tried(house: ZaloHouse) -> None:
    linh = house.linh()
    house.clock.passes(hours=26)
    house.sender().send(to(LINH, Page("Chào")))
    assert linh.last.text == "Chào"
    assert len(house.peer.called(CS)) == 1


def test_a_new_token_that_is_refused_is_not_renewed_for_ever(house: ZaloHouse) -> None:
    house.linh()
    house.clock.passes(hours=21)
    house.peer.will_answer(CS, *[Trouble(-220)] * 10)
    sender: ZaloSender = house.sender()
    for _again in range(3):
        with pytest.raises(SendLater) as later:
            sender.send(to(LINH, Page("Chào")))
        assert later.value.after == 300.0
    assert refreshed(house) == 1


def test_without_an_authorisation_an_operator_is_told(house: ZaloHouse) -> None:
    house.shelf.kept = None
    with capture_logs() as lines, pytest.raises(SendLater, match="not authorised"):
        another(house).token()
    assert [line["event"] for line in lines] == ["zalo_needs_operator"]


# When renewing goes wrong


def test_while_the_token_is_good_a_failed_renewal_is_only_tried_again(house: ZaloHouse) -> None:
    first = house.tokens.token()
    house.clock.passes(hours=21)
    house.peer.will_answer(TOKEN, Trouble(status=502), Trouble(body=b"<html>"))
    for _again in range(2):
        assert house.tokens.token() == first
        house.clock.passes(seconds=31)
    assert house.tokens.token() != first
    assert refreshed(house) == 3


def test_an_answer_that_was_lost_is_said_aloud(house: ZaloHouse) -> None:
    """Zalo used the token up and granted a pair that never arrived: a human must agree anew."""
    first = house.tokens.token()
    house.clock.passes(hours=21)
    house.peer.will_answer(TOKEN, Trouble(status=502, done_first=True))
    with capture_logs() as lines:
        assert house.tokens.token() == first
        house.clock.passes(seconds=31)
        assert house.tokens.token() == first
    told = {line["event"]: line for line in lines}
    assert told["zalo_renewal_taken_up"]["log_level"] == "warning"
    assert told["zalo_not_renewed"]["lost_on_the_way"] is True
    assert told["zalo_not_renewed"]["words"] == "-14014 refresh token refused"
    with capture_logs() as lines:
        house.tokens.tend()
    assert [(line["event"], line["refused"]) for line in lines] == [("zalo_tokens_run_out", True)]
    asked = refreshed(house)
    house.clock.passes(minutes=59)
    house.tokens.tend()
    assert refreshed(house) == asked, "a refused token is tried again once an hour, no more"
    house.clock.passes(hours=5)
    with pytest.raises(SendLater):
        house.tokens.token()


def test_a_process_that_died_before_asking_costs_a_minute(house: ZaloHouse) -> None:
    first = house.tokens.token()
    house.clock.passes(hours=21)
    assert house.shelf.begin(1, timedelta(seconds=60)) is not None  # and then it dies
    assert house.tokens.token() == first
    house.clock.passes(seconds=61)
    with capture_logs() as lines:
        assert house.tokens.token() != first
    assert [line["event"] for line in lines] == ["zalo_renewal_taken_up", "zalo_renewed"]
    assert lines[1]["recovered"] is True


def test_a_pair_that_cannot_be_stored_is_kept_and_stored_later(house: ZaloHouse) -> None:
    house.clock.passes(hours=26)
    house.shelf.broken = 9
    with pytest.raises(SendLater, match="not saved"):
        house.tokens.token()
    assert house.shelf.kept is not None
    assert house.shelf.kept.version == 1
    token = house.tokens.token()
    assert (house.shelf.kept.version, house.shelf.kept.pair.access) == (2, token)
    assert refreshed(house) == 1


def test_a_short_absence_of_the_store_is_waited_out(house: ZaloHouse) -> None:
    house.clock.passes(hours=21)
    house.shelf.broken = 3
    assert house.tokens.token() in house.peer.access
    assert refreshed(house) == 1


def test_an_operator_is_told_before_the_refresh_token_ends(house: ZaloHouse) -> None:
    house.peer.will_answer(TOKEN, *[Trouble(status=502)] * 9)
    with capture_logs() as lines:
        house.clock.passes(days=75)
        house.tokens.tend()
    assert not [line for line in lines if line["event"] == "zalo_tokens_run_out"]
    with capture_logs() as lines:
        house.clock.passes(days=2)
        house.tokens.tend()
    (told,) = [line for line in lines if line["event"] == "zalo_tokens_run_out"]
    assert (told["log_level"], told["days"]) == ("error", 13)


def test_no_line_and_no_error_holds_a_token(house: ZaloHouse) -> None:
    token = house.tokens.token()
    house.clock.passes(hours=26)
    echoed = json.dumps({"error": -1, "error_description": token}).encode()
    house.peer.will_answer(TOKEN, Trouble(body=echoed))
    with capture_logs() as lines, pytest.raises(SendLater) as later:
        house.tokens.token()
    everything = f"{lines} {later.value} {house.shelf.kept} {house.oauth} {house.line}"
    assert "access-" not in everything
    assert "refresh-0" not in everything
    assert "app-secret" not in everything


def test_a_fixed_token_is_for_stand_ins() -> None:
    fixed = FixedToken("t")
    assert fixed.token() == "t"
    assert "'t'" not in repr(fixed)
    with pytest.raises(SendLater):
        fixed.renewed("t")


def test_nobody_there_is_no_answer(house: ZaloHouse) -> None:
    house.peer.close()
    with pytest.raises(PlatformError):
        house.oauth.refresh("refresh-000001")


# On PostgreSQL


@pytest.fixture
def stored(house: ZaloHouse, database_url: str) -> Iterator[TokenShelf]:
    """The pair of the house, in a real database."""
    database = Database(database_url)
    shelf = TokenShelf(database, Vault([("k1", b"1" * 32)], b"s" * 32), house.clock, "zalo")
    assert house.shelf.kept is not None
    shelf.put(house.shelf.kept.pair)
    yield shelf
    with database.begin() as connection:
        connection.execute(delete(token_pair))
    database.close()


def processes(house: ZaloHouse, shelf: TokenShelf, count: int) -> list[ZaloTokens]:
    return [ZaloTokens(shelf, house.oauth, house.clock, sleep=lambda _: None) for _ in range(count)]


def test_however_many_want_it_at_once_one_renews(house: ZaloHouse, stored: TokenShelf) -> None:
    house.clock.passes(hours=21)
    many = processes(house, stored, 12)
    barrier = threading.Barrier(12)

    def want(tokens: ZaloTokens) -> str:
        barrier.wait()
        return tokens.token()

    with ThreadPoolExecutor(12) as threads:
        got = list(threads.map(want, many))
    assert refreshed(house) == 1
    assert len(set(got)) <= 2, "the old one, still good, or the new one"
    house.clock.passes(seconds=31)
    assert {tokens.token() for tokens in many} == set(house.peer.access)


def test_renewals_follow_each_other_for_a_hundred_days(
    house: ZaloHouse, stored: TokenShelf
) -> None:
    first, second = processes(house, stored, 2)
    for _day in range(120):
        house.clock.passes(hours=20)
        first.tend()
        assert second.token() in house.peer.access
    kept = stored.read()
    assert kept is not None
    assert kept.version >= 100
    assert len(house.peer.spent) == refreshed(house)


def test_what_is_stored_is_sealed(house: ZaloHouse, stored: TokenShelf) -> None:
    with stored.database.begin() as connection:
        (row,) = connection.exec_driver_sql("SELECT access, refresh FROM token_pair")
    assert b"access-" not in bytes(row[0])
    assert b"refresh-" not in bytes(row[1])


def test_a_late_renewal_still_counts_and_an_old_one_does_not(
    house: ZaloHouse, stored: TokenShelf
) -> None:
    renewal = stored.begin(1, timedelta(seconds=60))
    assert renewal is not None
    assert stored.begin(1, timedelta(seconds=60)) is None
    house.clock.passes(seconds=61)
    again = stored.begin(1, timedelta(seconds=60))
    assert again is not None
    assert again.taken_up
    pair = pair_of(house.oauth.refresh(stored_refresh(stored)), house.clock())
    assert stored.finish(renewal, pair)
    assert not stored.finish(again, pair)
    stored.failed(again, house.clock() + MARGIN, refused=True)
    kept = stored.read()
    assert kept is not None
    assert (kept.version, kept.refused) == (2, False)


def stored_refresh(stored: TokenShelf) -> str:
    kept = stored.read()
    assert kept is not None
    return kept.pair.refresh
