"""Who shares a phone may want no result in a text: asked for on the menu, or by a word."""

from __future__ import annotations

from tests.core.house import House, Phone, texting


def test_on_the_menu_and_taken_back_by_its_word() -> None:
    house = House()
    mother = Phone(house).links()
    mother.dials().says("8", "5").sees("What may a text about a test result say?").says("1")
    mother.sees("only say that a result is ready")
    assert house.people.discreet == {house.people.find(mother.address).id}
    texting(house).says("KIN").says("2").sees("as usual")
    assert house.people.discreet == set()
