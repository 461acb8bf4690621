"""A declaration in one text: words of illness after the keyword, read as answers to the form.

Nothing is guessed: words that are not understood leave the other questions to be asked, and
what was understood is read back before it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.dialogues.form_questions import (
    FILLED,
    Question,
    asked_in,
    depends,
    questions_of,
    text_of,
)
from core.gsm import fold
from core.platform.forms import Form, FormChoice, Words
from core.spelling import undone
from core.text import LANGUAGES, Text, _, in_languages, joined, lines

NOTHING = frozenset(
    "0 khong ko k kg hong hok no none khoe fine ok oke tot".split()
) | {"binh thuong", "khong sao", "van khoe", "khong co gi", "khong co", "khong bi gi"}  # fmt: skip
"""How people say that all is well."""

NOT = frozenset("khong ko k kg hong hok no not chua".split())

ALIKE: tuple[frozenset[str], ...] = (
    frozenset({"sot", "sot cao", "sot nhe", "nong sot", "fever"}),
    frozenset({"ho", "ho khan", "ho nhieu", "ho co dom", "cough", "coughing"}),
    frozenset({"kho tho", "tho kho", "hut hoi", "short breath", "shortness of breath",
               "short of breath", "breathless"}),
    frozenset({"dau hong", "rat hong", "viem hong", "dau co hong", "sore throat"}),
    frozenset({"met", "met moi", "moi", "uoi", "tired", "tiredness"}),
    frozenset({"viem phoi", "pneumonia"}),
    frozenset({"thay doi vi giac", "doi vi giac", "mat vi giac", "mat mui", "mat vi", "khong mui",
               "change of taste", "loss of taste", "loss of smell"}),
    frozenset({"non", "buon non", "oi", "non buon non", "vomiting", "nausea",
               "vomiting or nausea"}),
    frozenset({"tieu chay", "di ngoai", "diarrhoea", "diarrhea"}),
    frozenset({"noi ban", "phat ban", "noi ban ngoai da", "rash", "skin rash"}),
    frozenset({"xuat huyet", "xuat huyet ngoai da", "bleeding", "bleeding under the skin"}),
)  # fmt: skip
"""What people call a sign; a choice of the form that is called by one of them goes by all."""

SIGN_WORDS = frozenset().union(*ALIKE, NOTHING, NOT)

_FILLER = frozenset(
    "toi em con minh bi co va voi dang hoi nhe nhieu qua lam hom nay may ngay trieu chung dau hieu "
    "i have a and the symptoms symptom any all".split()
)
"""Words that add nothing to the sign beside them."""

_LONGEST = 4


@dataclass(slots=True)
class _Heard:
    signs: list[FormChoice] = field(default_factory=list)
    well: bool = False
    unknown: list[str] = field(default_factory=list)


def filled_in(form: Form, said: str) -> dict[str, Any]:
    """The answers of a form that these (folded) words give; empty when they give none.

    `FILLED` lists the steps that need not be asked.
    """
    questions = questions_of(form)[0]
    questions = tuple(one for one in questions if one.item.manner == "asked")
    lists = [one for one in questions if one.item.kind == "choice" and one.item.repeats]
    heard = _heard(said, [choice for one in lists for choice in one.item.choices])
    if not heard.signs and (heard.unknown or not heard.well):
        return {}
    answers = _signs_in(lists, heard.signs)
    if not heard.unknown:
        answers |= _no_to_the_rest(questions, answers)
    skipped = [] if heard.unknown else [one.step for one in lists if one.step not in answers]
    # A group is asked about at once only where nothing in it is known.
    groups = [one.step for one in asked_in(form) if not isinstance(one, Question)]
    return {
        **answers,
        FILLED: [*answers, *skipped, *groups],
        "signs": [_in_all(choice.words) for choice in heard.signs],
        "asked": [] if heard.unknown else [_in_all(words) for words in _asked(form)],
    }


def read_back(answers: Mapping[str, Any], name: Text) -> Text:
    """What was understood, as it is read back before it is sent."""
    signs = tuple(in_languages(words["vi"], words) for words in answers["signs"])
    if not answers["asked"]:
        return _("{name}: {signs}.", name=name, signs=signs)
    questions = joined(" ", *(in_languages(words["vi"], words) for words in answers["asked"]))
    said = (
        _("{name}: {signs}; no to the rest.", name=name, signs=signs)
        if signs
        else _("{name}: no to all.", name=name)
    )
    return lines(questions, said)


def _in_all(words: Words) -> dict[str, str]:
    return {language: text_of(words).to(language) for language in LANGUAGES}


def _asked(form: Form) -> Iterator[Words]:
    """The short words of what is answered: of a group, those that ask for all of it."""
    together: set[str] = set()
    for one in asked_in(form):
        if not isinstance(one, Question):
            together.update(item.link_id for item in one.inside)
            yield one.group.brief
        elif one.item.kind == "boolean" and one.item.link_id not in together and not _depends(one):
            yield one.item.brief or one.item.words


def _signs_in(lists: list[Question], signs: list[FormChoice]) -> dict[str, Any]:
    """The signs as answers, and the yes to the questions that lead to them."""
    answers: dict[str, Any] = {}
    for one in lists:
        picked = [choice.code for choice in one.item.choices if choice in signs]
        if not picked:
            continue
        answers[one.step] = picked
        for condition in one.item.conditions:
            if condition.operator == "=" and condition.value is True:
                answers[f"q.{condition.question}"] = "yes"
    return answers


def _no_to_the_rest(questions: tuple[Question, ...], answers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        one.step: "no"
        for one in questions
        if one.item.kind == "boolean"
        and one.item.initial is not True
        and one.step not in answers
        and not _depends(one)
    }


def _depends(one: Question) -> bool:
    return depends(one.item, one.around)


def _heard(said: str, choices: list[FormChoice]) -> _Heard:
    heard = _Heard()
    if said in NOTHING:
        heard.well = True
        return heard
    names = _names_of(choices)
    words = [word for word in re.split(r"\s+", said) if word]
    here = 0
    while here < len(words):
        negated = words[here] in NOT
        at = here + negated
        found, length = _longest(words[at:], names)
        if found is not None:
            if negated:
                heard.well = True
            elif found not in heard.signs:
                heard.signs.append(found)
            here = at + length
            continue
        if negated or words[here] in NOTHING:
            heard.well = True
        elif words[here] not in _FILLER and undone(words[here]) not in _FILLER:
            heard.unknown.append(words[here])
        here += 1
    return heard


def _longest(words: list[str], names: Mapping[str, FormChoice]) -> tuple[FormChoice | None, int]:
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for spelt in (words[:length], [undone(word) for word in words[:length]]):
            found = names.get(" ".join(spelt))
            if found is not None:
                return found, length
    return None, 0


def _names_of(choices: list[FormChoice]) -> dict[str, FormChoice]:
    """Everything a choice may be called, folded."""
    names: dict[str, FormChoice] = {}
    for choice in choices:
        labels = {fold(text_of(choice.words).to(language)) for language in LANGUAGES}
        alike = (one for one in ALIKE if one & labels)
        for name in labels.union(*alike):
            names.setdefault(name, choice)
    return names
