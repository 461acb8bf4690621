"""A FHIR R4 Questionnaire compiled into a `Form`; what no channel can ask is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.platform.forms import (
    Condition,
    Form,
    FormChoice,
    FormItem,
    Kind,
    Operator,
    Value,
    Words,
)
from core.platform.reading import Json, Object, mapping, number, objects, text, whole, whole_date
from core.platform.watch import Note

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"

SHORT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"
"""The wording for small screens, from HL7's Structured Data Capture guide."""

KINDS: dict[str, Kind] = {
    "group": "group", "display": "display", "boolean": "boolean", "choice": "choice",
    "open-choice": "open-choice", "integer": "integer", "decimal": "decimal", "date": "date",
    "string": "string", "text": "text",
}  # fmt: skip

OPERATORS: dict[str, Operator] = {
    "exists": "exists", "=": "=", "!=": "!=", ">": ">", "<": "<", ">=": ">=", "<=": "<=",
}  # fmt: skip

DEEPEST = 8
"""Groups within groups; no form for people goes deeper."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A form with what it takes to answer it: the `value[x]` behind each choice."""

    form: Form
    options: Mapping[tuple[str, str], Object]
    """(link id, choice code) → the option's own element, such as `{"valueCoding": {…}}`."""


def compiled(questionnaire: Object, *, note: Note) -> Edition | None:
    """The form; None when it has no url, no version or nothing to ask."""
    url = text(questionnaire.get("url"), longest=500)
    version = text(questionnaire.get("version"), longest=64)
    if url is None or version is None or "|" in url:
        note("Questionnaire without url or version")
        return None
    language = text(questionnaire.get("language"), longest=20)
    compiler = _Compiler(note, language, list(objects(questionnaire.get("contained"))))
    items = compiler.items(questionnaire.get("item"), depth=0)
    if not items:
        note("Questionnaire without items")
        return None
    title = compiler.words(questionnaire, "title")
    return Edition(Form(url, version, title, items), compiler.options)


@dataclass
class _Compiler:
    note: Note
    language: str | None
    contained: list[Object]
    options: dict[tuple[str, str], Object] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def items(self, written: Json, *, depth: int) -> tuple[FormItem, ...]:
        if depth >= DEEPEST:
            if written:
                self.note("Questionnaire nested too deeply")
            return ()
        read = (self.item(one, depth=depth) for one in objects(written))
        return tuple(item for item in read if item is not None)

    def item(self, written: Object, *, depth: int) -> FormItem | None:
        link_id = text(written.get("linkId"), longest=255)
        if link_id is None or link_id in self.seen:
            self.note("Questionnaire item without its own linkId")
            return None
        self.seen.add(link_id)
        choices = self.choices(written, link_id)
        kind = self.kind(written, choices)
        if kind == "display" and written.get("type") != "display" and not written.get("text"):
            return None
        asked = kind != "display"
        return FormItem(
            link_id=link_id,
            kind=kind,
            words=self.words(written, "text"),
            required=asked and written.get("required") is True,
            repeats=asked and written.get("repeats") is True,
            choices=choices,
            conditions=self.conditions(written.get("enableWhen")),
            any_condition=written.get("enableBehavior") == "any",
            max_length=self.max_length(written),
            initial=self.initial(written) if asked else None,
            items=self.items(written.get("item"), depth=depth + 1),
            beyond=not asked and written.get("type") not in ("display", "group"),
            brief=self.brief(written.get("extension")),
        )

    def kind(self, written: Object, choices: tuple[FormChoice, ...]) -> Kind:
        """What cannot be asked is shown, so that nobody believes it was not there."""
        written_kind = written.get("type")
        kind = KINDS.get(written_kind) if isinstance(written_kind, str) else None
        if kind is None:
            self.note("Questionnaire item of a kind that cannot be asked")
            return "display"
        if kind == "choice" and not choices:
            self.note("Questionnaire choice without choices")
            return "display"
        return kind

    def words(self, element: Object, name: str) -> Words:
        """The text of an element with its translations; a text in no language says nothing."""
        original = text(element.get(name), longest=2000) or ""
        return {**self.own(original), **translations(element.get(f"_{name}"))}

    def brief(self, extensions: Json) -> Words:
        for extension in objects(extensions):
            if extension.get("url") == SHORT and text(extension.get("valueString")):
                return self.words(extension, "valueString")
        return {}

    def own(self, original: str) -> dict[str, str]:
        return {"": original, **({_short(self.language): original} if self.language else {})}

    def choices(self, written: Object, link_id: str) -> tuple[FormChoice, ...]:
        found: dict[str, FormChoice] = {}
        for option in [*objects(written.get("answerOption")), *self.value_set(written)]:
            choice = self.choice(option)
            if choice is None or choice.code in found:
                self.note("Questionnaire option that cannot be chosen")
                continue
            found[choice.code] = choice
            self.options[link_id, choice.code] = _value_element(option)
        return tuple(found.values())

    def choice(self, option: Object) -> FormChoice | None:
        if "valueCoding" in option:
            coding = mapping(option["valueCoding"])
            code = text(coding.get("code"), longest=255)
            if code is None:
                return None
            said = self.words(coding, "display")
            system = text(coding.get("system"), longest=500)
            return FormChoice(code, said if said[""] else self.own(code), system)
        plain = simple_value(option, "value")
        if plain is None or isinstance(plain, bool):
            return None
        said = {**self.own(str(plain)), **translations(option.get("_valueString"))}
        return FormChoice(str(plain), said)

    def value_set(self, written: Object) -> list[Object]:
        """The codings of a value set that the form brings along; others would need a server."""
        name = written.get("answerValueSet")
        if name is None:
            return []
        found = [
            one for one in self.contained
            if one.get("resourceType") == "ValueSet" and name == f"#{one.get('id')}"
        ]  # fmt: skip
        if not found:
            self.note("Questionnaire choices kept elsewhere")
        return [
            {"valueCoding": {**concept, "system": include.get("system")}}
            for one in found
            for include in objects(mapping(one.get("compose")).get("include"))
            for concept in objects(include.get("concept"))
        ]

    def conditions(self, written: Json) -> tuple[Condition, ...]:
        found = []
        for rule in objects(written):
            question = text(rule.get("question"), longest=255)
            sign = rule.get("operator")
            operator = OPERATORS.get(sign) if isinstance(sign, str) else None
            value = simple_value(rule, "answer")
            if question is None or operator is None or value is None:
                self.note("Questionnaire rule that cannot be applied")
                continue
            found.append(Condition(question, operator, value))
        return tuple(found)

    def max_length(self, written: Object) -> int | None:
        read = whole(written.get("maxLength"))
        return read if read is not None and read > 0 else None

    def initial(self, written: Object) -> Value | None:
        chosen = (
            one for one in objects(written.get("answerOption"))
            if one.get("initialSelected") is True
        )  # fmt: skip
        for one in [*objects(written.get("initial")), *chosen]:
            return simple_value(one, "value")
        return None


def simple_value(element: Object, prefix: str) -> Value | None:
    """The value of a `value[x]` or `answer[x]` that the core has a word for, else None.

    Codings become their code, dates stay YYYY-MM-DD.
    """
    if said := text(element.get(prefix + "String"), longest=500):
        return said
    if on := whole_date(element.get(prefix + "Date")):
        return on
    if isinstance(truth := element.get(prefix + "Boolean"), bool):
        return truth
    if (integer := whole(element.get(prefix + "Integer"))) is not None:
        return integer
    if (decimal := number(element.get(prefix + "Decimal"))) is not None:
        return decimal
    return text(mapping(element.get(prefix + "Coding")).get("code"), longest=255)


def translations(companion: Json) -> dict[str, str]:
    """language → words, from the standard `translation` extension on a `_text` or the like."""
    found: dict[str, str] = {}
    for extension in objects(mapping(companion).get("extension")):
        if extension.get("url") != TRANSLATION:
            continue
        parts = {
            part["url"]: part
            for part in objects(extension.get("extension"))
            if isinstance(part.get("url"), str)
        }
        lang = mapping(parts.get("lang"))
        content = mapping(parts.get("content"))
        language = text(lang.get("valueCode") or lang.get("valueString"), longest=20)
        said = text(content.get("valueString") or content.get("valueMarkdown"), longest=2000)
        if language and said:
            found[_short(language)] = said
    return found


def _short(language: str) -> str:
    """`vi` of `vi-VN`: people choose a language, not a country."""
    return language.replace("_", "-").split("-")[0].lower()


def _value_element(option: Object) -> Object:
    """The option's `value[x]` as it will be sent back, without its companions and extensions."""
    if "valueCoding" in option:
        coding = mapping(option["valueCoding"])
        kept = {name: coding.get(name) for name in ("system", "version", "code", "display")}
        return {"valueCoding": {name: said for name, said in kept.items() if isinstance(said, str)}}
    plain = ("valueString", "valueDate", "valueInteger")
    name = next(one for one in plain if simple_value({one: option.get(one)}, "value") is not None)
    return {name: option[name]}
