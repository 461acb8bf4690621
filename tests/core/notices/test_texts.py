"""Every notice fits one text message, whoever it is about and whatever language it is in."""

from __future__ import annotations

from typing import get_args

import pytest

from core.dialogues.about import LONGEST_NAME, LONGEST_SHORT
from core.gsm import is_gsm7, segments
from core.message import Screen
from core.notices.notice import masked
from core.notices.ports import Kind
from core.notices.register import NOTICES
from core.text import LANGUAGES, Text
from sms.texts import SmsVoice
from tests.fakes import CHILD, FATHER

WORST = [text for notice in NOTICES for text in notice.worst]


@pytest.mark.parametrize("name", [LONGEST_NAME, LONGEST_SHORT, CHILD.name, FATHER.name, "W" * 80])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", WORST, ids=[text.template[:30] for text in WORST])
def test_one_part_of_plain_letters(words: Text, language: str, name: str) -> None:
    screen = Screen(words.with_(name=masked(name)))
    (page,) = SmsVoice().pages(screen, language=language, accents=None)
    assert is_gsm7(page.text)
    assert len(segments(page.text)) == 1, f"{len(page.text)}: {page.text}"


def test_a_masked_name_is_no_name() -> None:
    said = masked(CHILD.name).to("vi")
    assert said.startswith("Tôn N**")
    assert "Trâm" not in said


def test_every_kind_has_one_notice() -> None:
    kinds = [notice.kind for notice in NOTICES]
    assert len(set(kinds)) == len(kinds)
    assert set(kinds) == set(get_args(Kind))
