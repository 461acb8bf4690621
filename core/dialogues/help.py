"""Help: what can be asked for, and in which words."""

from __future__ import annotations

from core.dialogue import Answers, Call, Desk, Dialogue, Outcome, Tell
from core.text import Text, _, plain


def find_code(desk: Desk, answers: Answers) -> Outcome:
    return Outcome({"code": desk.service_code})


def show(answers: Answers) -> Text:
    return _(
        "Type QR: personal code. TT: status. KB: health declaration. KQ: test results. "
        "TIEM: vaccinations. EN: English. TC: no more reminders. MENU: everything. "
        "On any phone, dial {code}, or straight to it: {short}1# personal code, {short}2# status, "
        "{short}3# declaration.",
        code=plain(str(answers["code"])),
        short=plain(str(answers["code"]).removesuffix("#") + "*"),
    )


def show_brief(answers: Answers) -> Text:
    return _(
        "Text QR=code, TT=status, KB=declare, KQ=tests, TIEM=doses, EN=English, TC=stop. "
        "Or dial {code}; {short}1# code, {short}3# declare.",
        code=plain(str(answers["code"])),
        short=plain(str(answers["code"]).removesuffix("#") + "*"),
    )


HELP = Dialogue(
    name="help",
    title=_("Help"),
    linked=False,
    words=("HELP", "TRO GIUP", "TG", "HD", "HUONG DAN", "INFO"),
    worst=({"code": "*1022*99#"},),
    steps={
        "find": Call(of=find_code, late="tell", later=False),
        "tell": Tell(say=show, brief=show_brief),
    },
)
