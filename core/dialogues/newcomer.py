"""What is asked about somebody who is to be registered: their name, birth date and paper."""

from __future__ import annotations

from datetime import date
from typing import Literal

from core.dialogue import Answers
from core.dialogues.link import hear_paper
from core.errors import Unclear
from core.people.papers import BadDate, read_date
from core.text import Text, _, lines


def hear_name(said: str, today: date) -> str:
    name = " ".join(said.split())
    letters = sum(letter.isalpha() for letter in name)
    if letters < 2 or len(name) > 80 or any(letter.isdigit() for letter in name):
        raise Unclear(_("Please type the full name, as on the paper."))
    return as_written(name)


def as_written(name: str) -> str:
    """A name typed in capitals only, or in none, as it stands on paper."""
    if name not in (name.lower(), name.upper()):
        return name
    return " ".join(word[:1].upper() + word[1:].lower() for word in name.split())


def ask_birth(answers: Answers) -> Text:
    question = _("Birth date? Day/month/year")
    return lines(OTHER_YEAR, question) if _is_another_year(answers) else question


OTHER_YEAR = _("That is not the birth year on your record.")


def _is_another_year(answers: Answers) -> bool:
    """Whoever registers themselves was born when their record says so."""
    year, birth = answers.get("year"), answers.get("birth")
    return year is not None and birth is not None and date.fromisoformat(birth).year != year


def after_birth(answers: Answers) -> Literal["gender", "birth"]:
    return "birth" if _is_another_year(answers) else "gender"


def hear_birth(said: str, today: date) -> str:
    try:
        return read_date(said, today).isoformat()
    except BadDate:
        raise Unclear(_("Please type the date as day/month/year.")) from None


def hear_paper_of_theirs(said: str, today: date) -> dict[str, str]:
    """Decision 1405 knows a person by CCCD, CMND or passport; an insurance card alone will not do."""
    if not any(letter.isdigit() for letter in said):
        raise Unclear(NO_NUMBER)
    paper = hear_paper(said, today)
    if paper["type"] == "bhyt":
        raise Unclear(_("Please type a CCCD, CMND or passport number."))
    return paper


NO_NUMBER = _(
    "For children: the 12 digits on the birth certificate. Without any number, the ward health "
    "station can help."
)
"""Children registered since 2016 have it there, and it stays the number of their CCCD (Decree
137/2015/NĐ-CP, articles 13 to 15, as newspapers and lawyers give it: we did not see the decree)."""


def ask_paper(answers: Answers) -> Text:
    if answers["relation"] == "child":
        return _("CCCD number (or the 12 digits on the birth certificate) or passport number?")
    return _("CCCD, CMND or passport number?")
