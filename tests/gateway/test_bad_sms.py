"""Every address that providers of texts call, in the whole application: whatever comes gets an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.store.tables import inbox, receipt
from gateway import app, wiring
from gateway.settings_channels import UNSIGNED_SMS
from gateway.sms_providers import names
from tests.gateway.conftest import SECRET, a_house
from tests.gateway.test_sms_providers import SET_UP, described
from tests.sms import fuzz
from tests.sms.described import SONGHUONG

PATH_SECRET = "another-path-secret-of-the-tests-7Q"
KINDS = (fuzz.FORM, fuzz.JSON, "text/xml", "")
QUERIES = (b"%FF%FE", b"a=%00", b"%", b"=&=&", b"id=" + b"9" * 9000, b"text=%F0%9F%98%80&from=%00")
METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE")
FORM_LIKE = b"id=1&from=%2B84912345678&to=1022&text=QR"
SHORT = 300


@pytest.fixture(scope="module")
def house(
    database_url: str, redis_url: str, sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[wiring.House]:
    """With every provider that we know, and one that is described by settings."""
    directory = tmp_path_factory.mktemp("bad-sms")
    with pytest.MonkeyPatch.context() as environment:
        settings = {**SET_UP, **described("songhuong", {**SONGHUONG, "PATH_SECRET": PATH_SECRET})}
        settings |= {f"MOTCUA_{name.upper()}_PATH_SECRET": PATH_SECRET for name in UNSIGNED_SMS}
        for name, value in settings.items():
            environment.setenv(name, value)
        with a_house(environment, directory, database_url, redis_url, sandbox) as built:
            yield built


@pytest.fixture(scope="module")
def client(house: wiring.House) -> FlaskClient:
    return app.make(house).test_client()


@pytest.fixture(scope="module")
def addresses(client: FlaskClient, house: wiring.House) -> Sequence[str]:
    """All of them, with the secret parts that let a caller in."""
    rules = [str(rule) for rule in client.application.url_map.iter_rules()]
    ours = [rule for rule in rules if rule.startswith("/sms/")]
    assert {rule.split("/")[2] for rule in ours} == set(names(house.settings))
    secrets = {name: house.settings.path_secret(name) or "" for name in names(house.settings)}
    return [rule.replace("<secret>", secrets[rule.split("/")[2]]) for rule in ours]


@pytest.fixture(autouse=True)
def _nothing_is_stored(house: wiring.House) -> Iterator[None]:
    before = stored(house)
    yield
    assert stored(house) == before


def stored(house: wiring.House) -> tuple[int, int]:
    with house.database.begin() as connection:
        texts = connection.execute(select(func.count()).select_from(inbox)).scalar_one()
        receipts = connection.execute(select(func.count()).select_from(receipt)).scalar_one()
    return texts, receipts


def refused(client: FlaskClient, address: str, *, method: str, **more: Any) -> int:
    """The status of the answer, which is a short refusal in plain words."""
    answer = client.open(address, method=method, **more)
    assert 400 <= answer.status_code < 500, (address, method, answer.status_code)
    assert len(answer.data) < SHORT, address
    assert b"<" not in answer.data, address
    assert b"Traceback" not in answer.data
    return answer.status_code


def test_bombs_get_a_short_refusal(client: FlaskClient, addresses: Sequence[str]) -> None:
    for address in addresses:
        for bomb in fuzz.BOMBS:
            for kind in KINDS:
                for method in ("GET", "POST"):
                    refused(client, address, method=method, data=bomb, content_type=kind)


def test_queries_that_are_none_get_a_short_refusal(
    client: FlaskClient, addresses: Sequence[str]
) -> None:
    for address in addresses:
        for query in QUERIES:
            for method in ("GET", "POST"):
                refused(client, f"{address}?{query.decode()}", method=method)


def test_only_the_method_of_the_provider_is_heard(
    client: FlaskClient, addresses: Sequence[str]
) -> None:
    for address in addresses:
        statuses = {}
        for method in METHODS:
            answer = client.open(address, method=method)
            assert answer.status_code < 500
            statuses[method] = answer.status_code
        heard = [method for method in ("GET", "POST") if statuses[method] != 405]
        assert len(heard) == 1, (address, statuses)
        assert all(statuses[method] in (404, 405) for method in ("PUT", "DELETE", "TRACE"))


def test_a_stranger_is_told_nothing(
    client: FlaskClient, addresses: Sequence[str], house: wiring.House
) -> None:
    for address in addresses:
        for secret in ("wrong", f"{SECRET}x", PATH_SECRET[:-1], "%00", "%FF", "x" * 5000):
            forged = address.replace(
                house.settings.path_secret(address.split("/")[2]) or "\0", secret
            )
            for method in ("GET", "POST"):
                status = refused(
                    client, forged, method=method, data=FORM_LIKE, content_type=fuzz.FORM
                )
                assert status in (400, 403, 404, 405, 415), forged[:60]
