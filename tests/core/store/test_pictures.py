"""Pictures that a network fetches: an address nobody can guess, for minutes, a few times."""

from __future__ import annotations

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from redis import Redis

from core.store.pictures import FETCHES, SECONDS, StoredPictures
from core.store.vault import Vault

PAYLOAD = "001090012345|NGUYEN VAN AN|1990-01-18|0|162979388586171100|<1<DN4797912345678<0912345678"


@pytest.fixture
def redis(clean_redis: str) -> Redis:
    return Redis.from_url(clean_redis)


@pytest.fixture
def pictures(redis: Redis, vault: Vault) -> StoredPictures:
    return StoredPictures(redis, vault, "https://motcua.example.vn/bot/qr/")


def name_in(address: str) -> str:
    assert address.startswith("https://motcua.example.vn/bot/qr/")
    assert address.endswith(".png")
    return address.rpartition("/")[2].removesuffix(".png")


def reads(picture: bytes | None) -> str:
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as opened:
        return str(zxingcpp.read_barcodes(opened.convert("L"))[0].text)


def test_whoever_has_the_address_finds_the_picture(pictures: StoredPictures) -> None:
    assert reads(pictures.fetch(name_in(pictures.address_of(PAYLOAD)))) == PAYLOAD


def test_it_can_be_fetched_a_few_times_and_then_is_gone(
    pictures: StoredPictures, redis: Redis
) -> None:
    name = name_in(pictures.address_of(PAYLOAD))
    fetched = [pictures.fetch(name) for _ in range(FETCHES + 2)]
    assert [one is not None for one in fetched] == [True] * FETCHES + [False] * 2
    assert redis.keys("*") == []


def test_looking_costs_nothing(pictures: StoredPictures) -> None:
    name = name_in(pictures.address_of(PAYLOAD))
    for _look in range(10):
        assert pictures.fetch(name, True) is not None
    assert pictures.fetch(name) is not None


def test_it_ends_by_itself(pictures: StoredPictures, redis: Redis) -> None:
    pictures.address_of(PAYLOAD)
    assert all(0 < int(str(redis.ttl(key))) <= SECONDS for key in redis.scan_iter())


@pytest.mark.parametrize("name", ["", "wrong", "../x", "0" * 48, "ồ", "x" * 5000])
def test_what_was_never_given_out_finds_nothing(
    pictures: StoredPictures, redis: Redis, name: str
) -> None:
    pictures.address_of(PAYLOAD)
    before = set(redis.scan_iter())
    assert pictures.fetch(name) is None
    assert set(redis.scan_iter()) == before


def test_addresses_are_never_the_same_and_tell_nothing(pictures: StoredPictures) -> None:
    addresses = {pictures.address_of(PAYLOAD) for _ in range(50)}
    assert len(addresses) == 50
    for address in addresses:
        assert len(name_in(address)) == 48
        assert "NGUYEN" not in address


def test_nothing_stands_in_clear_and_the_name_opens_nothing_else(
    pictures: StoredPictures, redis: Redis
) -> None:
    first, second = (name_in(pictures.address_of(payload)) for payload in (PAYLOAD, "other"))
    held: dict[bytes, bytes] = {}
    for key in map(bytes, redis.scan_iter()):
        value: Any = redis.get(key)
        assert first.encode() not in key
        assert b"NGUYEN" not in value
        if not key.endswith(b":left"):
            held[key] = value
    for key, value in zip(held, reversed(held.values()), strict=True):
        redis.set(key, value)
    assert pictures.fetch(first) is None
    assert pictures.fetch(second) is None
