"""The choices of a FHIR R4 Questionnaire item, from its options or a value set, and what each sends back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.platform.fhir_values import short_language, simple_value, translations
from core.platform.forms import FormChoice, Words
from core.platform.reading import Json, Object, mapping, objects, text
from core.platform.watch import Note

PLAIN = ("valueString", "valueDate", "valueTime", "valueInteger")

DEEPEST = 8
"""Concepts within concepts of an expansion."""


@dataclass
class Choices:
    """Reads choices; `options` collects the `value[x]` behind each: (link id, code) → element."""

    note: Note
    language: str | None
    contained: list[Object]
    options: dict[tuple[str, str], Object] = field(default_factory=dict)

    def of(self, written: Object, link_id: str) -> tuple[FormChoice, ...]:
        """The choices of this item, each code once."""
        found: dict[str, FormChoice] = {}
        for option in [*objects(written.get("answerOption")), *self._value_set(written)]:
            choice = self._choice(option)
            if choice is None or choice.code in found:
                self.note("Questionnaire option that cannot be chosen")
                continue
            found[choice.code] = choice
            self.options[link_id, choice.code] = _value_element(option)
        return tuple(found.values())

    def words(self, element: Object, name: str) -> Words:
        """The text of an element with its translations; a text in no language says nothing."""
        original = text(element.get(name), longest=2000) or ""
        return {**self.own(original), **translations(element.get(f"_{name}"))}

    def own(self, original: str) -> dict[str, str]:
        """Words in the form's own language."""
        return {
            "": original,
            **({short_language(self.language): original} if self.language else {}),
        }

    def _choice(self, option: Object) -> FormChoice | None:
        if "valueCoding" in option:
            coding = mapping(option["valueCoding"])
            code = text(coding.get("code"), longest=255)
            if code is None:
                return None
            said = self.words(coding, "display")
            system = text(coding.get("system"), longest=500)
            return FormChoice(code, said if said[""] else self.own(code), system)
        if "valueReference" in option:
            pointed = mapping(option["valueReference"])
            place = text(pointed.get("reference"), longest=500)
            said = self.words(pointed, "display")
            return None if place is None or not said[""] else FormChoice(place, said)
        read = (simple_value(_only(option, name), "value") for name in PLAIN)
        plain = next((value for value in read if value is not None), None)
        if plain is None or isinstance(plain, bool):
            return None
        said = {**self.own(str(plain)), **translations(option.get("_valueString"))}
        return FormChoice(str(plain), said, value=plain if isinstance(plain, int) else None)

    def _value_set(self, written: Object) -> list[Object]:
        """The codings of a value set that the form brings along."""
        name = written.get("answerValueSet")
        if not isinstance(name, str):
            return []
        found = [
            one for one in self.contained
            if one.get("resourceType") == "ValueSet" and _is_called(one, name)
        ]  # fmt: skip
        if not found:
            self.note("Questionnaire choices kept elsewhere")
        return [option for one in found for option in _codings(one)]


def _is_called(value_set: Object, name: str) -> bool:
    return name == f"#{value_set.get('id')}" or name.partition("|")[0] == value_set.get("url")


def _codings(value_set: Object) -> list[Object]:
    """As expanded, where it is; else as it is composed."""
    expanded = list(_expanded(mapping(value_set.get("expansion")).get("contains"), 0))
    return expanded or [
        {"valueCoding": {**concept, "system": include.get("system")}}
        for include in objects(mapping(value_set.get("compose")).get("include"))
        for concept in objects(include.get("concept"))
    ]


def _expanded(contains: Json, depth: int) -> Iterator[Object]:
    for concept in objects(contains) if depth < DEEPEST else ():
        if concept.get("abstract") is not True and concept.get("inactive") is not True:
            yield {"valueCoding": concept}
        yield from _expanded(concept.get("contains"), depth + 1)


def _only(option: Object, name: str) -> Object:
    return {name: option.get(name)}


def _value_element(option: Object) -> Object:
    """The option's `value[x]` as it will be sent back, without its companions and extensions."""
    for name, kept in (
        ("valueCoding", ("system", "version", "code", "display")),
        ("valueReference", ("reference", "type", "display")),
    ):
        if name in option:
            whole = mapping(option[name])
            return {name: {one: whole[one] for one in kept if isinstance(whole.get(one), str)}}
    name = next(one for one in PLAIN if simple_value(_only(option, one), "value") is not None)
    return {name: option[name]}
