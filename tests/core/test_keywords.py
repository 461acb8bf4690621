"""Keywords as people really spell them: capitals, marks, Telex and VNI keys, posters, politeness."""

from __future__ import annotations

import pytest

from core import hear
from core.dialogues import BY_NAME, WORDS
from core.dialogues.menu import MENU, further
from core.gsm import fold
from core.message import Option
from core.spelling import undone
from core.text import LANGUAGES, plain

SPELLINGS = {
    "qr": """QR|qr|Qr|"QR"|“qr”|'qr'|q r|Q.R|mã qr|Mã QR!|max qr|ma4 qr|MA QR|maqr|ma  qr.|
        quét mã|quets max|que1t ma4|quet ma|QUÉT MÃ QR|quet1 ma4 qr|mã cá nhân|soạn QR gửi 1022|
        dạ cho em xin mã ạ|/qr|m ã""",
    "declare": """KB|kb|Kb.|k b|K.B|«kb»|khai báo|Khai  Báo|KHAI BÁO|khai baos|khai basos|
        khai bao1|khai ba1o|khaibao|khaibaos|khai-bao|khai_bao|khai báo y tế|khai baos y tees|
        khai bao1 y te61|KBYT|kbyt!|tờ khai|towf khai|to72 khai|tờ khai y tế|Soạn KB gửi 1022|
        soan khai bao gui 1022|kb nhé|kb ạ|da kb a|khai báo (y tế)|k-b""",
    "results": """KQ|kq|Kq?|k q|kq.|kết quả|Kết Quả|ket qua|keets quar|kets qua3|ke6t1 qua3|
        kêt qua|ketqua|KẾT QUẢ!!!|xét nghiệm|xets nghieemj|xn|XN|kqxn|xem kq|cho toi xem kq|
        xin kết quả ạ|result|Results|kq nha|soạn tin KQ""",
    "status": "TT|tt|t.t|trạng thái|trangj thais|tra5ng tha1i|tình trạng|tinhf trangj|STATUS|thẻ",
    "doses": "TIEM|tiêm|tieem|tie6m|tiêm chủng|tieem chungr|mũi tiêm|muxi tieem|vắc xin|vacxin|Vaccine",
    "correct": "SAI|sai|sửa hồ sơ|suwar hoof sow|su7a3 ho62 so7|phản ánh|phanr anhs|WRONG",
    "area": "vùng|vùng dịch|vungf dichj|vu2ng di5ch|nguy cơ|nguy cow|AREA",
    "help": "HELP|help!|trợ giúp|trowj giups|tro75 giu1p|TG|hướng dẫn|huowngs daanx|hd|INFO",
    "stop": """STOP|stop|Stop.|"STOP"|STOPALL|unsubscribe|CANCEL|end|quit|TC|tc|t c|t.c.|TC1|tc2|TC4|
        TỪ CHỐI|từ chối|tu choi|tuchoi|tuwf choois|tu72 cho61i|Từ-chối!|HỦY|Huỷ|huy|huyr|hu3y|
        ngừng|ngungwf|dừng|duwngf|tc ạ|soạn TC gửi 1022|Soạn HUY gửi 9000""",
    "start": "START|start|Start!|DK|đk|ĐK|ddk|đăng ký|dawng kys|d9a8ng ky1|đăng kí|UNSTOP|dangky",
    "link": "LK|liên kết|lieen keets|LINK",
    "english": "EN|english|tiếng anh|tieengs anh",
    "vietnamese": "VI|tiếng việt|tieengs vieetj|tie61ng vie65t",
    "language": "ngôn ngữ|ngoon nguwx|NN",
    "resume": "tiếp tục|tieeps tucj|CONTINUE",
    "register": "khai hộ|khai thay|đăng ký người thân|khai hooj|đăng ký hộ|dawng kys hooj|REGISTER",
    "chats": "tài khoản|tafi khoanr|CHATS",
    "menu": "MENU|menu.|m e n u",
}
TABLE = [(name, said.strip()) for name, row in SPELLINGS.items() for said in row.split("|")]

MENUS = {**MENU.steps["menu"].choices, **further({"chat": True})}  # type: ignore[dict-item, union-attr]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(MENUS.keys() - {"other", "others"}))
def test_what_stands_on_a_menu_is_a_word_wherever_it_is_typed(name: str, language: str) -> None:
    label = MENUS[name].to(language)
    for typed in (label, label.lower(), fold(label), f"{label} ạ"):
        word = hear.keyword(typed, WORDS)
        assert word is not None, typed
        assert WORDS[word] == name


NOT_WORDS = """huỷ lịch|hủy lịch khám|tôi không hủy|đừng gửi nữa|không|có|1|0|cảm ơn|xin chào|
    chào bác sĩ|tôi muốn hỏi về vắc|ai đấy|ok|..|?||tcc|kbb|kqq|qrs t|xin|gui 1022|dừng lại bạn ơi""".split(
    "|"
)


def test_there_are_many() -> None:
    assert len(TABLE) > 200


@pytest.mark.parametrize(("name", "said"), TABLE)
def test_a_word_in_this_spelling_means_this(name: str, said: str) -> None:
    word = hear.keyword(said, WORDS)
    assert word is not None, said
    assert WORDS[word] == name


@pytest.mark.parametrize("said", [one.strip() for one in NOT_WORDS])
def test_what_is_no_keyword_starts_nothing(said: str) -> None:
    assert hear.keyword(said, WORDS) is None


@pytest.mark.parametrize(
    "said", ["thế nào vậy bạn", "mã gì đấy", "sai rồi", "hủy lịch", "vùng nào", "tôi tiêm rồi"]
)
def test_a_sentence_that_begins_with_a_word_is_no_word(said: str) -> None:
    opening = [fold(word) for one in BY_NAME.values() for word in one.open_words]
    assert hear.keyword_first(said, opening) is None


def test_every_keyword_means_its_own_dialogue_however_it_is_typed() -> None:
    for name, dialogue in BY_NAME.items():
        for word in dialogue.words:
            for said in (word, word.lower(), fold(word), f" {word}! ", word.replace(" ", "")):
                assert WORDS[hear.keyword(said, WORDS) or ""] == name, said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quets", "quet"), ("baos", "bao"), ("ba1o", "bao"), ("bao1", "bao"), ("keets", "ket"),
        ("ke6t1", "ket"), ("kete", "ket"), ("tuwf", "tu"), ("tw", "tu"), ("choois", "choi"),
        ("soots", "sot"), ("so61t", "sot"), ("ddawng", "dang"), ("dangd", "dang"), ("ho", "ho"),
        ("nghieemj", "nghiem"), ("kb", "kb"), ("xyz", "xy"), ("", ""), ("1", "1"),
    ],
)  # fmt: skip
def test_keys_that_were_left_standing_are_taken_out(typed: str, meant: str) -> None:
    assert undone(typed) == meant


OPTIONS = (Option("look", "1", plain("Xem")), Option("no", "2", plain("Không")))


@pytest.mark.parametrize(
    "said",
    ["1", " 1 ", "1.", "(1)", "“1”", "số 1", "So 1", "chọn 1", "chon1"[:4] + " 1", "bấm 1", "phím 1",
     "trả lời 1", "tra loi 1.", "tl 1", "1 Xem", "1. xem", "1) XEM", "xem", "Xem ạ", "dạ 1", "1 ạ",
     "câu 1", "look"],
)  # fmt: skip
def test_the_number_of_an_option_with_whatever_stands_around_it(said: str) -> None:
    assert hear.picked(said, OPTIONS) == "look"


@pytest.mark.parametrize(
    "said", ["3", "số 3", "1 không", "12", "1 2", "so", "tra loi", "xem 1 lần"]
)
def test_a_number_that_is_no_option_picks_none(said: str) -> None:
    assert hear.picked(said, OPTIONS) is None


@pytest.mark.parametrize(
    ("said", "digits", "worded"),
    [
        ("GUI 4821", "4821", True), ("gửi 4821", "4821", True), ("Gửi4821", "4821", True),
        ("guiwr 4821", "4821", True), ("gui3 4821", "4821", True), ("SEND 4821", "4821", True),
        ("soạn GUI 4821 gửi 1022", "4821", True), ("“GUI 4821”.", "4821", True),
        ("ok 4821", "4821", False), ("gui 48 21 ạ", "4821", True), ("mã 4821", "4821", True),
        ("4821", "4821", False), ("4 8 2 1", "4821", False), ("trả lời GỬI 0007", "0007", True),
    ],
)  # fmt: skip
def test_a_code_in_this_spelling(said: str, digits: str, worded: bool) -> None:
    assert hear.code(said) == (digits, worded)


@pytest.mark.parametrize("said", ["gui", "GUI 482", "GUI 48211", "gui 4821 5", "x 4821", ""])
def test_what_is_no_code(said: str) -> None:
    assert hear.code(said) is None


def test_labels_are_still_labels_in_both_languages() -> None:
    for language in LANGUAGES:
        assert hear.picked(OPTIONS[0].label.to(language), OPTIONS) == "look"
