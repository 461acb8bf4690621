"""The parts Questionnaires are put together from: items, choices, conditions, translations."""

from __future__ import annotations

from typing import Any

from sandbox.world import Resource

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
SHORT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"
"""The wording for small screens, from HL7's Structured Data Capture guide."""


def in_english(words: str) -> Resource:
    """The extension beside a Vietnamese text that says it in English."""
    return {
        "extension": [
            {
                "url": TRANSLATION,
                "extension": [
                    {"url": "lang", "valueCode": "en"},
                    {"url": "content", "valueString": words},
                ],
            }
        ]
    }


def item(
    link: str,
    kind: str,
    vi: str,
    en: str,
    *,
    short: tuple[str, str] | None = None,
    required: bool = False,
    **more: Any,
) -> Resource:
    """One item with its text in both languages; `short` is (vi, en) for small screens."""
    made: Resource = {"linkId": link, "type": kind, "text": vi, "_text": in_english(en)}
    if short:
        made["extension"] = [
            {"url": SHORT, "valueString": short[0], "_valueString": in_english(short[1])}
        ]
    if required:
        made["required"] = True
    return made | more


def when_yes(link: str) -> list[Resource]:
    """Shown only when the boolean question `link` was answered yes."""
    return [{"question": link, "operator": "=", "answerBoolean": True}]


def options(system: str, *choices: tuple[str, str, str]) -> list[Resource]:
    """Choices as (code, vi, en)."""
    return [
        {
            "valueCoding": {
                "system": system,
                "code": code,
                "display": vi,
                "_display": in_english(en),
            }
        }
        for code, vi, en in choices
    ]


def form(url: str, version: str, name: str, title: tuple[str, str], *items: Resource) -> Resource:
    """A Questionnaire about a person, in Vietnamese with English beside it."""
    return {
        "resourceType": "Questionnaire",
        "id": f"{name}-{version.replace('.', '-')}",
        "meta": {"versionId": "1"},
        "language": "vi",
        "url": url,
        "version": version,
        "name": name.capitalize(),
        "title": title[0],
        "_title": in_english(title[1]),
        "status": "active",
        "subjectType": ["Patient"],
        "item": list(items),
    }
