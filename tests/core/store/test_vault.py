"""What is sealed opens in its own place and nowhere else; what is blind tells nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import GatewayError
from core.store.vault import Unopenable, Vault

OLD, NEW = ("old", b"o" * 32), ("new", b"n" * 32)
SECRET = b"a secret for blind indexes"


@given(st.text())
def test_what_was_sealed_opens_again(text: str) -> None:
    vault = Vault([NEW], SECRET)
    assert vault.open(vault.seal(text, "person.phone:1"), "person.phone:1") == text


def test_a_value_moved_to_another_row_or_column_does_not_open() -> None:
    vault = Vault([NEW], SECRET)
    sealed = vault.seal("+84912345678", "person.phone:1")
    for elsewhere in ("person.phone:2", "person.citizen:1", ""):
        with pytest.raises(Unopenable) as refused:
            vault.open(sealed, elsewhere)
        assert "912345678" not in str(refused.value)


def test_a_changed_value_does_not_open() -> None:
    vault = Vault([NEW], SECRET)
    sealed = vault.seal("Ngô Thị Ánh Tuyết", "person.citizen:1")
    for place in range(len(sealed)):
        broken = bytes([*sealed[:place], sealed[place] ^ 1, *sealed[place + 1 :]])
        with pytest.raises(Unopenable):
            vault.open(broken, "person.citizen:1")
    for shorter in (b"", sealed[:1], sealed[:5], sealed[:-1]):
        with pytest.raises(Unopenable):
            vault.open(shorter, "person.citizen:1")


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    vault = Vault([NEW], SECRET)
    assert vault.seal("x", "a:1") != vault.seal("x", "a:1")


def test_many_sealed_together_open_each_in_its_own_place() -> None:
    vault = Vault([NEW], SECRET)
    places = [f"a:{number}" for number in range(300)]
    sealed = vault.seal_all([b"x"] * 300, places)
    assert [vault.open(*one) for one in zip(sealed, places, strict=True)] == ["x"] * 300
    with pytest.raises(Unopenable):
        vault.open(sealed[0], places[1])
    assert len({one[:16] for one in sealed}) == 300, "a nonce is never used twice"
    assert {one[:4] for one in sealed} == {vault.seal("x", "a:1")[:4]}
    assert vault.seal_all([], []) == []


def test_after_a_rotation_old_values_open_and_new_ones_have_the_new_key() -> None:
    before = Vault([OLD], SECRET).seal("x", "a:1")
    after = Vault([NEW, OLD], SECRET)
    assert after.open(before, "a:1") == "x"
    assert Vault([NEW], SECRET).open(after.seal("y", "a:1"), "a:1") == "y"


def test_a_key_thrown_away_too_early_is_named() -> None:
    sealed = Vault([OLD], SECRET).seal("x", "a:1")
    with pytest.raises(GatewayError, match="'old'"):
        Vault([NEW], SECRET).open(sealed, "a:1")


def test_blind_indexes_find_the_same_and_only_the_same() -> None:
    vault = Vault([NEW], SECRET)
    index = vault.blind("phone", "+84912345678")
    assert len(index) >= 16
    assert index == Vault([OLD], SECRET).blind("phone", "+84912345678")
    assert index.hex() == "e8482af42b1301a5d9affdb2b99c02e6", "rows are found by it"
    assert index != vault.blind("phone", "+84912345679")
    assert index != vault.blind("address.phone", "+84912345678"), "kinds must not be comparable"
    assert index != Vault([NEW], b"another secret, as long").blind("phone", "+84912345678")


def test_neither_keys_nor_secret_are_printed() -> None:
    assert repr(Vault([NEW, OLD], SECRET)) == "Vault(new, old)"


@pytest.mark.parametrize(
    ("keys", "secret"),
    [([], SECRET), ([("", b"n" * 32)], SECRET), ([NEW], b"short"), ([("new", b"short")], SECRET)],
)
def test_a_vault_with_bad_keys_is_refused(keys: list[tuple[str, bytes]], secret: bytes) -> None:
    with pytest.raises(ValueError):
        Vault(keys, secret)
