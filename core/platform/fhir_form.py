"""A FHIR R4 Questionnaire compiled into a `Form`; what no channel can ask is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.platform.fhir_choices import Choices
from core.platform.fhir_values import extensions, fits, simple_value
from core.platform.forms import (
    Condition,
    Form,
    FormChoice,
    FormItem,
    Kind,
    Manner,
    Operator,
    Value,
    Words,
)
from core.platform.reading import Json, Object, mapping, objects, text, whole
from core.platform.watch import Note

SHORT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"
"""The wording for small screens, from HL7's Structured Data Capture guide."""

HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
LEAST = "http://hl7.org/fhir/StructureDefinition/minValue"
MOST = "http://hl7.org/fhir/StructureDefinition/maxValue"
UNIT = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit"
UNITS = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption"

KINDS: dict[str, Kind] = {
    "group": "group", "display": "display", "boolean": "boolean", "choice": "choice",
    "open-choice": "open-choice", "integer": "integer", "decimal": "decimal",
    "quantity": "quantity", "date": "date", "dateTime": "dateTime", "time": "time",
    "string": "string", "text": "text", "url": "url",
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
    units: Mapping[str, Object] = field(default_factory=dict)
    """link id → what says the unit of a Quantity: `{"unit": "kg", "system": …, "code": …}`."""


def compiled(questionnaire: Object, *, note: Note) -> Edition | None:
    """The form; None when it has no url, no version or nothing to ask."""
    url = text(questionnaire.get("url"), longest=500)
    version = text(questionnaire.get("version"), longest=64)
    if url is None or version is None or "|" in url:
        note("Questionnaire without url or version")
        return None
    language = text(questionnaire.get("language"), longest=20)
    choices = Choices(note, language, list(objects(questionnaire.get("contained"))))
    compiler = _Compiler(note, choices)
    items = compiler.items(questionnaire.get("item"), depth=0, manner="asked")
    if not items:
        note("Questionnaire without items")
        return None
    title = choices.words(questionnaire, "title")
    return Edition(Form(url, version, title, items), choices.options, compiler.units)


@dataclass
class _Compiler:
    note: Note
    choices: Choices
    units: dict[str, Object] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def items(self, written: Json, *, depth: int, manner: Manner) -> tuple[FormItem, ...]:
        if depth >= DEEPEST:
            if written:
                self.note("Questionnaire nested too deeply")
            return ()
        read = (self.item(one, depth=depth, manner=manner) for one in objects(written))
        return tuple(item for item in read if item is not None)

    def item(self, written: Object, *, depth: int, manner: Manner) -> FormItem | None:
        link_id = text(written.get("linkId"), longest=255)
        if link_id is None or link_id in self.seen:
            self.note("Questionnaire item without its own linkId")
            return None
        self.seen.add(link_id)
        choices = self.choices.of(written, link_id)
        kind = self.kind(written, choices)
        manner = _manner(written, manner)
        if kind == "display" and not _to_be_said(written, manner):
            return None
        asked = kind != "display"
        initial = _initial(written, kind, choices) if asked else ()
        return FormItem(
            link_id=link_id,
            kind=kind,
            words=self.choices.words(written, "text"),
            required=asked and written.get("required") is True,
            repeats=_repeats(written, kind, manner),
            choices=choices,
            conditions=self.conditions(written.get("enableWhen")),
            any_condition=written.get("enableBehavior") == "any",
            max_length=self.max_length(written),
            initial=next(iter(initial), None),
            items=self.items(written.get("item"), depth=depth + 1, manner=manner),
            beyond=not asked and written.get("type") not in ("display", "group"),
            manner=manner,
            given=initial if manner != "asked" else (),
            least=_bound(written, LEAST),
            most=_bound(written, MOST),
            unit=self.unit(written, link_id) if kind == "quantity" else "",
            prefix=text(written.get("prefix"), longest=20) or "",
            brief=self.brief(written),
        )

    def kind(self, written: Object, choices: tuple[FormChoice, ...]) -> Kind:
        """What cannot be asked is shown, so that nobody believes it was not there."""
        written_kind = written.get("type")
        if written_kind == "reference" and choices:
            return "choice"
        kind = KINDS.get(written_kind) if isinstance(written_kind, str) else None
        if kind is None:
            self.note("Questionnaire item of a kind that cannot be asked")
            return "display"
        if kind == "choice" and not choices:
            self.note("Questionnaire choice without choices")
            return "display"
        if kind == "quantity" and len(list(extensions(written, UNITS))) > 1:
            self.note("Questionnaire quantity of several units")
            return "display"
        return kind

    def unit(self, written: Object, link_id: str) -> str:
        """The one unit in which a quantity is asked, as it is said; empty when it has none."""
        for url in (UNIT, UNITS):
            for one in extensions(written, url):
                coding = mapping(one.get("valueCoding"))
                said = text(coding.get("display"), longest=40) or text(
                    coding.get("code"), longest=40
                )
                if said is None:
                    continue
                own = {name: coding.get(name) for name in ("system", "code")}
                kept = {name: value for name, value in own.items() if isinstance(value, str)}
                self.units[link_id] = {"unit": said, **kept}
                return said
        return ""

    def brief(self, written: Object) -> Words:
        for extension in extensions(written, SHORT):
            if text(extension.get("valueString")):
                return self.choices.words(extension, "valueString")
        return {}

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


def _manner(written: Object, around: Manner) -> Manner:
    """Within a hidden group all is hidden; what may only be read asks nothing."""
    hidden = any(one.get("valueBoolean") is True for one in extensions(written, HIDDEN))
    if hidden or around == "hidden":
        return "hidden"
    return "shown" if written.get("readOnly") is True else "asked"


def _repeats(written: Object, kind: Kind, manner: Manner) -> bool:
    """A group that is not asked cannot be asked once more."""
    can = kind != "display" and (kind != "group" or manner == "asked")
    return can and written.get("repeats") is True


def _to_be_said(written: Object, manner: Manner) -> bool:
    return manner != "hidden" and (written.get("type") == "display" or bool(written.get("text")))


def _initial(written: Object, kind: Kind, choices: tuple[FormChoice, ...]) -> tuple[Value, ...]:
    """What the form suggests, as far as it answers the question."""
    chosen = [
        one for one in objects(written.get("answerOption")) if one.get("initialSelected") is True
    ]
    read = (simple_value(one, "value") for one in [*objects(written.get("initial")), *chosen])
    values = tuple(value for value in read if value is not None)
    if kind == "choice":
        codes = {choice.code for choice in choices}
        return tuple(str(value) for value in values if str(value) in codes)
    return tuple(value for value in values if fits(kind, value))


def _bound(written: Object, url: str) -> Value | None:
    found = (simple_value(one, "value") for one in extensions(written, url))
    return next((value for value in found if value is not None), None)
