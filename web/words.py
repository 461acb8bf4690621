"""What an officer is told when a look-up is refused, in Vietnamese and English.

These go to officers and their programs, which choose by `Accept-Language`; what citizens read is
in the catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from werkzeug.datastructures import LanguageAccept


class Said(NamedTuple):
    """One sentence in both languages."""

    vi: str
    en: str


MESSAGES: Final[Mapping[str, Said]] = {
    "expired": Said(
        "Mã ngắn đã hết hạn. Mời người dân lấy mã mới.",
        "This short code has expired. Ask the person for a new one.",
    ),
    "revoked": Said("Mã này đã bị thu hồi.", "This code has been revoked."),
    "unknown": Said("Không tìm thấy mã này trên hệ thống.", "Nobody is known by this code."),
    "malformed": Said(
        "Mã không đúng. Hãy kiểm tra lại từng chữ số, hoặc quét lại.",
        "This is no valid code. Check each digit, or scan again.",
    ),
    "mismatch": Said(
        "Họ tên hoặc ngày sinh trong mã không khớp với dữ liệu quốc gia.",
        "Name or birth date in this code do not agree with the national record.",
    ),
    "unavailable": Said(
        "Hệ thống quốc gia chưa trả lời. Hãy thử lại sau ít phút.",
        "The national platform does not answer. Try again in a few minutes.",
    ),
    "no-key": Said(
        "Thiếu khoá truy cập, hoặc khoá không còn hiệu lực.",
        "The key is missing, wrong or no longer valid.",
    ),
    "wrong-scope": Said("Khoá này không có quyền tra cứu.", "This key may not look people up."),
    "malformed-request": Said("Không đọc được yêu cầu.", "The request cannot be read."),
    "wrong-type": Said("Hãy gửi application/json.", "Send application/json."),
}
"""By reason."""

OTHER_CODE: Final[Mapping[str, Said]] = {
    "cccd-card": Said(
        "Đây là mã QR in trên thẻ căn cước. Hãy quét mã QR cá nhân, hoặc nhập mã ngắn.",
        "This is the QR of an identity card. Scan the personal QR, or type the short code.",
    ),
    "passport-hc1": Said(
        "Đây là mã QR hộ chiếu vắc xin. Hãy quét mã QR cá nhân, hoặc nhập mã ngắn.",
        "This is the QR of a vaccine passport. Scan the personal QR, or type the short code.",
    ),
    "bhyt": Said(
        "Đây là mã QR thẻ bảo hiểm y tế. Hãy quét mã QR cá nhân, hoặc nhập mã ngắn.",
        "This is the QR of a health insurance card. Scan the personal QR, or type the short code.",
    ),
}
"""By the kind of another code that people hold up."""


def in_language(said: Said, wanted: LanguageAccept) -> str:
    """Vietnamese only to who asks for it: programs that ask for nothing get English."""
    return said.vi if wanted.best_match(["en", "vi"], default="en") == "vi" else said.en
