"""Everything a citizen can do; the tuple DIALOGUES is the menu, in its order."""

from __future__ import annotations

from collections.abc import Mapping

from core.dialogue import Dialogue
from core.dialogues.area import AREA
from core.dialogues.chats import CHATS
from core.dialogues.check_in import CHECK_IN
from core.dialogues.codes import MANY_CODES, NO_CODE
from core.dialogues.correct import CORRECT
from core.dialogues.declare import DECLARE
from core.dialogues.doses import DOSES
from core.dialogues.help import HELP
from core.dialogues.link import LINK
from core.dialogues.menu import ENGLISH, LANGUAGE, MENU, OTHER, OTHERS, RESUME, VIETNAMESE
from core.dialogues.my_qr import MY_QR
from core.dialogues.person import PERSON
from core.dialogues.register import REGISTER
from core.dialogues.results import RESULTS
from core.dialogues.status import STATUS
from core.dialogues.stop import START, STOP
from core.dialogues.wish import WISH
from core.gsm import fold
from core.text import LANGUAGES

DIALOGUES: tuple[Dialogue, ...] = (
    MY_QR,
    STATUS,
    DECLARE,
    RESULTS,
    DOSES,
    CORRECT,
    AREA,
    OTHERS,
    OTHER,
)
"""The menu, in its order."""

FURTHER: tuple[Dialogue, ...] = (REGISTER, LINK, LANGUAGE, CHECK_IN, WISH, HELP, PERSON)
"""The menu behind "Others"."""

SPOKEN: tuple[Dialogue, ...] = (ENGLISH, VIETNAMESE)
"""Not on the menu, where one key stands for the other language; as words and commands both are."""

UNLISTED: tuple[Dialogue, ...] = (MENU, RESUME, *SPOKEN, STOP, START, CHATS, NO_CODE, MANY_CODES)
"""On no menu: reached by their words, or by the engine."""

BY_NAME: Mapping[str, Dialogue] = {one.name: one for one in (*DIALOGUES, *FURTHER, *UNLISTED)}

LABELS: Mapping[str, str] = {
    fold(dialogue.title.to(language)): dialogue.name
    for dialogue in (*DIALOGUES, *FURTHER)
    if dialogue not in (OTHERS, OTHER)
    for language in LANGUAGES
}
"""What stands on the menus, which people type as they read it."""

WORDS: Mapping[str, str] = {
    **LABELS,
    **{fold(word): dialogue.name for dialogue in BY_NAME.values() for word in dialogue.words},
}
"""What people text or type → the dialogue it starts."""
