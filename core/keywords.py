"""Which keyword somebody said, where they said it: a word may also be an answer, or begin one."""

from __future__ import annotations

from collections.abc import Mapping

from core import hear
from core.around import Around
from core.dialogue import Ask
from core.gsm import fold
from core.message import Channel
from core.session import thread_of
from core.turn import Turn
from core.voice import Voice


class Keywords:
    """The words of all dialogues; after some of them more may follow."""

    def __init__(self, around: Around) -> None:
        self.words: Mapping[str, str] = around.words
        self._open = hear.fold_words(
            word for one in around.dialogues.values() for word in one.open_words
        )

    def said(self, turn: Turn, said: str) -> tuple[str, str] | None:
        """The keyword that was said, and what stood after it.

        Where somebody is asked to write something, only the very word is one, in its plain spelling.
        """
        if self._is_asked_here(turn):
            plain = fold(said)
            word = plain if plain in self.words else None
        else:
            word = hear.keyword(said, self.words)
            if word is None:
                return hear.keyword_first(said, self._open)
        # "Start" is the first word of every Telegram chat, and means the menu there.
        menu = word == "start" and turn.inbound.channel is not Channel.SMS
        return None if menu or word is None else (word, "")

    def _is_asked_here(self, turn: Turn) -> bool:
        """Is a question for something to write on show where this was said?"""
        here = turn.session.thread in ("", thread_of(turn.inbound))
        return here and turn.session.talk is not None and isinstance(turn.step(), Ask)

    def lead_away(self, voice: Voice, said: str) -> bool:
        """Does this mean the same wherever it is said?"""
        code = hear.code(said) if voice.channel is Channel.SMS else None
        if hear.is_menu(said) or (code is not None and code[1]):
            return True
        return voice.keywords and (
            hear.keyword(said, self.words) is not None
            or hear.keyword_first(said, self._open) is not None
        )
