"""Sentences in both languages, their values, and catalogues which leave nothing out."""

import unicodedata
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.gsm import unaccent
from core.locale import CATALOGUES, FOLDER, read_catalogue
from core.locale.__main__ import main
from core.locale.upkeep import Sentence, problems, sentences_in, updated
from core.text import LANGUAGES, Text, _, _n, in_languages, joined, lines, plain

ROOT = FOLDER.parent.parent
HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=1; plural=0;\\n"\n'


def test_a_sentence_waits_for_its_language() -> None:
    sentence = _("negative")
    assert sentence.to("en") == "negative"
    assert sentence.to("vi") == "âm tính"


def test_values_are_added_now_or_later_and_make_equal_texts() -> None:
    now = _("{a} and {b}", a="x", b=2)
    later = _("{a} and {b}").with_(b=2).with_(a="x")
    assert now == later
    assert len({now, later}) == 1
    assert now.to("en") == "x and 2"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("An", "An"),
        (7, "7"),
        (date(2026, 3, 9), "09/03/2026"),
        (datetime(2026, 3, 9, 14, 5), "14:05 09/03"),
        (datetime(2026, 3, 9, 18, 5, tzinfo=UTC), "01:05 10/03"),
        (time(8, 5), "08:05"),
        (_("negative"), "âm tính"),
        ((_("negative"), plain("B")), "âm tính, B"),
        ((), ""),
    ],
)
def test_what_a_value_sounds_like(value: str | int | date | time | Text, said: str) -> None:
    assert _("<{it}>", it=value).to("vi") == f"<{said}>"


@given(st.text(max_size=30))
@settings(max_examples=80)
def test_a_value_can_never_ask_for_another_value(value: str) -> None:
    said = _("{a} {b}", a=value, b="{a.__class__}").to("en")
    assert said == unicodedata.normalize("NFC", f"{value} {{a.__class__}}")


def test_a_sentence_with_a_hole_is_never_said() -> None:
    with pytest.raises(KeyError):
        _("Hello {name}").to("en")


def test_number_chooses_the_form() -> None:
    doses = [_n("{n} vial", "{n} vials", n).to("en") for n in (0, 1, 2)]
    assert doses == ["0 vials", "1 vial", "2 vials"]


def test_vietnamese_has_one_form_for_every_number(tmp_path: Path) -> None:
    po = tmp_path / "vi.po"
    po.write_text(f'{HEADER}\nmsgid "{{n}} a"\nmsgid_plural "{{n}} b"\nmsgstr[0] "{{n}} mũi"\n')
    catalogue = read_catalogue(po)
    assert [catalogue.counted("{n} a", "{n} b", n) for n in (1, 5)] == ["{n} mũi"] * 2


def test_a_proper_name_stays_as_it_is() -> None:
    assert plain("negative {x} 100%").to("vi") == "negative {x} 100%"


def test_the_ministrys_words_bring_their_own_translations() -> None:
    question = in_languages("Sốt?", {"en": "Fever?"})
    assert (question.to("en"), question.to("vi"), question.to("xx")) == ("Fever?", "Sốt?", "Sốt?")


def test_lines_and_joins() -> None:
    assert lines(_("negative"), plain("b")).to("vi") == "âm tính\nb"
    assert joined(" - ", plain("a"), plain("b")).to("en") == "a - b"
    assert lines().to("en") == ""


def test_everything_said_is_composed() -> None:
    loose = unicodedata.normalize("NFD", "Đặng Thị Hường")
    for text in (plain(loose), _("{x}", x=loose), _(loose), in_languages(loose, {"vi": loose})):
        assert text.to("vi") == "Đặng Thị Hường"


def test_an_unknown_language_is_answered_in_vietnamese() -> None:
    assert _("negative").to("tlh") == "âm tính"


def test_languages_are_the_catalogues() -> None:
    assert LANGUAGES[0] == "vi"
    assert set(LANGUAGES) == set(CATALOGUES) >= {"vi", "en"}


def test_a_fuzzy_translation_is_not_said(tmp_path: Path) -> None:
    po = tmp_path / "vi.po"
    po.write_text(f'{HEADER}\n#, fuzzy\nmsgid "A"\nmsgstr "Sai"\n\nmsgid "B"\nmsgstr "Đúng"\n')
    assert [read_catalogue(po).sentence(msgid) for msgid in "AB"] == ["A", "Đúng"]


@pytest.mark.parametrize("language", sorted(CATALOGUES))
def test_every_sentence_of_the_code_is_in_the_catalogue(language: str) -> None:
    written = (FOLDER / f"{language}.po").read_text(encoding="utf-8")
    assert problems(written, language, sentences_in(ROOT)) == ()


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("", "missing"),
        ('msgid "Hi {name}"\nmsgstr ""\n', "not translated"),
        ('msgid "Hi {name}"\nmsgstr "Chào {ten}"\n', "placeholders differ"),
        ('msgid "Hi {name}"\nmsgstr "Chào {name"\n', "placeholders differ"),
        ('#, fuzzy\nmsgid "Hi {name}"\nmsgstr "Chào {name}"\n', "fuzzy"),
        (
            'msgid "Hi {name}"\nmsgstr "Chào {name}"\n\nmsgid "Old"\nmsgstr "Cũ"\n',
            "no longer in the code",
        ),
        (
            'msgid "Hi {name}"\nmsgid_plural "Hi all"\nmsgstr[0] "Chào {name}"\n',
            "plural differs",
        ),
    ],
)
def test_what_a_translator_has_to_mend(entry: str, problem: str) -> None:
    found = problems(f"{HEADER}\n{entry}", "vi", [Sentence("Hi {name}")])
    assert problem in found[0]


def test_one_dose_may_leave_out_its_number() -> None:
    header = HEADER.replace("nplurals=1; plural=0", "nplurals=2; plural=(n != 1)")
    entry = 'msgid "{n} dose"\nmsgid_plural "{n} doses"\nmsgstr[0] "one"\nmsgstr[1] "{n} doses"\n'
    assert problems(f"{header}\n{entry}", "en", [Sentence("{n} dose", "{n} doses")]) == ()


def test_an_update_keeps_order_comments_and_what_was_translated() -> None:
    before = (
        f'# Ours.\n{HEADER}\n# A note.\nmsgid "B"\nmsgstr "Bê"\n\nmsgid "A"\nmsgstr "A"\n'
        '\nmsgid "Gone"\nmsgstr "Đi"\n'
    )
    after = updated(before, "vi", [Sentence("A"), Sentence("B"), Sentence("New {n}")])
    assert after.startswith(f"# Ours.\n{HEADER}")
    assert '# A note.\nmsgid "B"\nmsgstr "Bê"' in after
    order = [after.index(f'msgid "{msgid}"') for msgid in ("B", "A", "New {n}", "Gone")]
    assert order == sorted(order)
    assert '#~ msgid "Gone"' in after
    again = updated(after, "vi", [Sentence("Gone"), Sentence("B")])
    assert '\nmsgid "Gone"\nmsgstr "Đi"' in again
    assert updated(again, "vi", [Sentence("Gone"), Sentence("B")]) == again


def test_the_command_finds_adds_and_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "a.py").write_text('x = _("Hi {name}")\ny = _n("{n} a", "{n} b", 2)\n')
    po = tmp_path / "vi.po"
    po.write_text(HEADER)
    assert main(["--check"], root=tmp_path, folder=tmp_path) == 1
    assert po.read_text() == HEADER
    assert main([], root=tmp_path, folder=tmp_path) == 0
    assert 'msgid_plural "{n} b"' in po.read_text()
    po.write_text(po.read_text().replace('msgstr ""', 'msgstr "Chào {name}"', 2))
    po.write_text(po.read_text().replace('msgid ""\nmsgstr "Chào {name}"', 'msgid ""\nmsgstr ""'))
    po.write_text(po.read_text().replace('msgstr[0] ""', 'msgstr[0] "{n} mũi"'))
    assert main(["--check"], root=tmp_path, folder=tmp_path) == 0
    assert "2 sentences, 0 to look at" in capsys.readouterr().out


def test_vietnamese_can_be_sent_to_any_phone() -> None:
    said = [form for forms in CATALOGUES["vi"].forms.values() for form in forms]
    assert said
    assert [text for text in said if unaccent(text).count("?") != text.count("?")] == []
