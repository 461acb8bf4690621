"""Surnames, middle names and given names, from which the many invented people are named."""

from __future__ import annotations

from random import Random

from sandbox.people.person import Gender

SURNAMES = ("Nguyễn",) * 12 + ("Trần",) * 4 + ("Lê",) * 4 + ("Phạm",) * 3 + (
    "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh",
    "Đoàn", "Trịnh", "Mai", "Tô", "Cao", "Lâm", "Châu", "Quách", "Thái", "Tạ", "Lương", "Từ", "Kiều",
)  # fmt: skip
"""The commonest surname is borne by more than one in three."""

WOMEN_MIDDLE = ("Thị", "Thị", "Thị", "Ngọc", "Thanh", "Thu", "Kim", "Thị Mỹ", "Thị Bích", "Hoàng")
MEN_MIDDLE = ("Văn", "Văn", "Văn", "Hữu", "Đức", "Minh", "Quốc", "Xuân", "Công", "Thành", "Trọng")

WOMEN = (
    "An", "Ánh", "Bích", "Châu", "Chi", "Cúc", "Diệp", "Dung", "Duyên", "Đào", "Giang", "Hà", "Hạnh",
    "Hằng", "Hiền", "Hoa", "Hồng", "Huệ", "Hương", "Hường", "Khánh", "Lan", "Liên", "Linh", "Loan",
    "Mai", "Mận", "My", "Nga", "Ngân", "Ngọc", "Nguyệt", "Nhung", "Oanh", "Phương", "Phượng", "Quỳnh",
    "Tâm", "Thảo", "Thơm", "Thủy", "Trang", "Trâm", "Tuyết", "Uyên", "Vân", "Xuân", "Yến",
)  # fmt: skip
MEN = (
    "An", "Anh", "Bảo", "Bình", "Cường", "Danh", "Dũng", "Duy", "Đạt", "Đông", "Đức", "Giang", "Hải",
    "Hậu", "Hiếu", "Hòa", "Hoàng", "Hùng", "Huy", "Hưng", "Khánh", "Khoa", "Kiên", "Lâm", "Long",
    "Lộc", "Mạnh", "Minh", "Nam", "Nghĩa", "Nhân", "Phong", "Phú", "Phúc", "Quân", "Quang", "Quyết",
    "Sơn", "Tài", "Tâm", "Thắng", "Thành", "Thịnh", "Tiến", "Toàn", "Trí", "Trung", "Tuấn", "Tùng",
    "Vinh", "Vũ", "Ý",
)  # fmt: skip

FOREIGN_FIRST = {
    "female": ("Anna", "Mi-yeong", "Sophie", "Dewi", "Aisha", "Mary Jane", "Sokha", "Yuki"),
    "male": ("John", "Min-jun", "Pierre", "Budi", "Omar", "José", "Vuthy", "Kenji"),
}
FOREIGN_LAST = (
    "Smith-Jones", "Kim", "O'Connor", "Wijaya", "García Márquez", "Chan", "Tanaka", "Müller",
)  # fmt: skip


def vietnamese(draw: Random, gender: Gender, *, surname: str | None = None) -> str:
    """Surname, middle name, given name, as written on a paper."""
    woman = gender == "female"
    middle = draw.choice(WOMEN_MIDDLE if woman else MEN_MIDDLE)
    given = draw.choice(WOMEN if woman else MEN)
    return f"{surname or draw.choice(SURNAMES)} {middle} {given}"


def foreign(draw: Random, gender: Gender) -> str:
    """A name from elsewhere: first name first, hyphens and apostrophes included."""
    first = FOREIGN_FIRST["female" if gender == "female" else "male"]
    return f"{draw.choice(first)} {draw.choice(FOREIGN_LAST)}"
