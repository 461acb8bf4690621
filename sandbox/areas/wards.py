"""A sample of today's wards, communes and special zones of six provinces, with their former names.

This is not the official list: there are 3,321 such units, of which these are a few dozen, and the
former wards named beside each are only some of those it was made from. Levels are invented.
"""

from __future__ import annotations

from sandbox.areas.area import Area, Level, slug

_SAMPLE: dict[str, str] = {
    "ha-noi": """
        Phường Hoàn Kiếm | 1 20 | Quận Hoàn Kiếm; Phường Hàng Bạc; Phường Hàng Đào; Phường Lý Thái Tổ
        Phường Cửa Nam | 1 20 | Quận Hoàn Kiếm; Phường Hàng Bài; Phường Trần Hưng Đạo
        Phường Ba Đình | 1 14 | Quận Ba Đình; Phường Quán Thánh; Phường Trúc Bạch
        Phường Ngọc Hà | 2 6 | Quận Ba Đình; Phường Liễu Giai; Phường Vĩnh Phúc
        Phường Giảng Võ | - | Quận Ba Đình; Phường Kim Mã; Phường Thành Công
        Phường Hai Bà Trưng | 2 9 | Quận Hai Bà Trưng; Phường Lê Đại Hành; Phường Phố Huế
        Phường Bạch Mai | 3 3 | Quận Hai Bà Trưng; Phường Bách Khoa; Phường Quỳnh Mai
        Phường Đống Đa | 1 28 | Quận Đống Đa; Phường Trung Liệt; Phường Thịnh Quang
        Phường Ô Chợ Dừa | 1 28 | Quận Đống Đa; Phường Hàng Bột; Phường Cát Linh
        Phường Cầu Giấy | 1 11 | Quận Cầu Giấy; Phường Quan Hoa; Phường Dịch Vọng
        Phường Nghĩa Đô | 1 11 | Quận Cầu Giấy; Phường Nghĩa Tân; Phường Cổ Nhuế 1
        Phường Thanh Xuân | 4 2 | Quận Thanh Xuân; Phường Nhân Chính; Phường Thượng Đình
        Phường Hà Đông | 2 8 | Quận Hà Đông; Phường Nguyễn Trãi; Phường Văn Quán
        Phường Sơn Tây | - | Thị xã Sơn Tây; Phường Lê Lợi; Phường Ngô Quyền
        Xã Sóc Sơn | 1 35 | Huyện Sóc Sơn; Thị trấn Sóc Sơn; Xã Tiên Dược
    """,
    "tp-ho-chi-minh": """
        Phường Sài Gòn | 3 2 | Quận 1; Phường Bến Nghé; Phường Đa Kao
        Phường Bến Thành | 3 2 | Quận 1; Phường Phạm Ngũ Lão
        Phường Tân Định | 2 7 | Quận 1; Phường Đa Kao
        Phường Cầu Ông Lãnh | 2 7 | Quận 1; Phường Cầu Kho; Phường Cô Giang; Phường Nguyễn Cư Trinh
        Phường Xuân Hòa | 1 15 | Quận 3; Phường Võ Thị Sáu
        Phường Chợ Lớn | 4 1 | Quận 5; Phường 11; Phường 12; Phường 14
        Phường Bình Thạnh | 2 10 | Quận Bình Thạnh; Phường 12; Phường 14; Phường 26
        Phường Gò Vấp | 1 18 | Quận Gò Vấp; Phường 10; Phường 17
        Phường Thủ Đức | 3 4 | Thành phố Thủ Đức; Quận Thủ Đức; Phường Linh Chiểu; Phường Trường Thọ
        Phường An Khánh | 1 18 | Thành phố Thủ Đức; Quận 2; Phường Thảo Điền; Phường Thủ Thiêm
        Phường Thủ Dầu Một | 2 5 | Thành phố Thủ Dầu Một; Phường Phú Cường; Phường Phú Lợi
        Phường Dĩ An | 3 6 | Thành phố Dĩ An; Phường An Bình
        Phường Vũng Tàu | 1 26 | Thành phố Vũng Tàu; Phường Thắng Tam; Phường Thắng Nhì
        Xã Cần Giờ | - | Huyện Cần Giờ; Thị trấn Cần Thạnh; Xã Long Hòa
        Đặc khu Côn Đảo | 1 60 | Huyện Côn Đảo
    """,
    "da-nang": """
        Phường Hải Châu | 1 13 | Quận Hải Châu; Phường Thạch Thang; Phường Phước Ninh; Phường Hải Châu 1
        Phường Hòa Cường | 2 6 | Quận Hải Châu; Phường Hòa Cường Bắc; Phường Hòa Cường Nam
        Phường Thanh Khê | 2 9 | Quận Thanh Khê; Phường Xuân Hà; Phường Chính Gián; Phường Thạc Gián
        Phường Sơn Trà | 1 22 | Quận Sơn Trà; Phường Thọ Quang; Phường Mân Thái
        Phường An Hải | 1 22 | Quận Sơn Trà; Phường An Hải Bắc; Phường Phước Mỹ
        Phường Ngũ Hành Sơn | 3 3 | Quận Ngũ Hành Sơn; Phường Mỹ An; Phường Hòa Hải
        Phường Liên Chiểu | 1 16 | Quận Liên Chiểu; Phường Hòa Hiệp Nam
        Phường Hòa Khánh | - | Quận Liên Chiểu; Phường Hòa Khánh Bắc; Phường Hòa Khánh Nam
        Phường Cẩm Lệ | 1 12 | Quận Cẩm Lệ; Phường Hòa Thọ Đông; Phường Khuê Trung
        Phường Hội An | 2 4 | Thành phố Hội An; Phường Minh An; Phường Cẩm Phô
        Phường Tam Kỳ | 1 31 | Thành phố Tam Kỳ; Phường An Mỹ; Phường Phước Hòa
        Phường Điện Bàn | 4 1 | Thị xã Điện Bàn; Phường Vĩnh Điện
        Xã Hòa Vang | 1 40 | Huyện Hòa Vang; Xã Hòa Phong
        Đặc khu Hoàng Sa | - | Huyện Hoàng Sa
    """,
    "khanh-hoa": """
        Phường Nha Trang | 2 7 | Thành phố Nha Trang; Phường Lộc Thọ; Phường Tân Tiến; Phường Vĩnh Nguyên
        Phường Bắc Nha Trang | 1 12 | Thành phố Nha Trang; Phường Vĩnh Hải; Phường Vĩnh Phước; Xã Vĩnh Lương
        Phường Tây Nha Trang | 3 4 | Thành phố Nha Trang; Phường Ngọc Hiệp; Phường Vĩnh Hiệp; Xã Vĩnh Ngọc
        Phường Nam Nha Trang | 4 1 | Thành phố Nha Trang; Phường Phước Long; Xã Phước Đồng; Xã Vĩnh Thái
        Phường Cam Ranh | 1 19 | Thành phố Cam Ranh; Phường Cam Phú; Phường Cam Lộc
        Phường Ba Ngòi | 1 19 | Thành phố Cam Ranh; Xã Cam Phước Đông
        Phường Ninh Hòa | 2 10 | Thị xã Ninh Hòa; Phường Ninh Hiệp; Phường Ninh Đa
        Xã Diên Khánh | 1 23 | Huyện Diên Khánh; Thị trấn Diên Khánh; Xã Diên An; Xã Diên Toàn
        Xã Vạn Ninh | - | Huyện Vạn Ninh; Thị trấn Vạn Giã
        Phường Phan Rang | 2 5 | Thành phố Phan Rang - Tháp Chàm; Phường Kinh Dinh; Phường Mỹ Hương
        Phường Đô Vinh | 1 14 | Thành phố Phan Rang - Tháp Chàm; Phường Bảo An
        Xã Ninh Hải | 1 29 | Huyện Ninh Hải; Thị trấn Khánh Hải
        Đặc khu Trường Sa | - | Huyện Trường Sa; Thị trấn Trường Sa
    """,
    "can-tho": """
        Phường Ninh Kiều | 3 1 | Quận Ninh Kiều; Phường Thới Bình; Phường Xuân Khánh
        Phường Cái Khế | 2 8 | Quận Ninh Kiều; Phường An Hòa; Phường Bùi Hữu Nghĩa
        Phường Tân An | 1 17 | Quận Ninh Kiều; Phường Hưng Lợi; Phường An Khánh
        Phường Bình Thủy | 1 17 | Quận Bình Thủy; Phường An Thới; Phường Trà An
        Phường Long Tuyền | - | Quận Bình Thủy; Phường Long Hòa
        Phường Cái Răng | 4 2 | Quận Cái Răng; Phường Lê Bình; Phường Thường Thạnh
        Phường Hưng Phú | 2 6 | Quận Cái Răng; Phường Phú Thứ; Phường Tân Phú
        Phường Ô Môn | 1 21 | Quận Ô Môn; Phường Châu Văn Liêm
        Phường Thốt Nốt | 2 11 | Quận Thốt Nốt; Phường Thuận An
        Xã Phong Điền | 1 34 | Huyện Phong Điền; Thị trấn Phong Điền
        Phường Sóc Trăng | 1 15 | Thành phố Sóc Trăng; Phường 5; Phường 6
        Phường Vị Thanh | - | Thành phố Vị Thanh; Phường 1; Phường 3
    """,
    "dong-thap": """
        Phường Cao Lãnh | 1 24 | Thành phố Cao Lãnh; Phường 1; Phường 3; Phường Hòa Thuận
        Phường Mỹ Trà | 1 24 | Thành phố Cao Lãnh; Phường Mỹ Phú; Xã Mỹ Trà
        Phường Sa Đéc | 2 9 | Thành phố Sa Đéc; Phường Tân Quy Đông
        Phường Hồng Ngự | 3 5 | Thành phố Hồng Ngự; Phường An Thạnh
        Phường Mỹ Tho | 2 6 | Thành phố Mỹ Tho; Phường Tân Long
        Phường Đạo Thạnh | 1 20 | Thành phố Mỹ Tho; Xã Đạo Thạnh
        Phường Gò Công | 4 3 | Thành phố Gò Công; Thị xã Gò Công
        Phường Mỹ Phước Tây | - | Thị xã Cai Lậy; Xã Mỹ Hạnh Trung
        Xã Tháp Mười | 1 27 | Huyện Tháp Mười; Thị trấn Mỹ An
        Xã Lấp Vò | 1 18 | Huyện Lấp Vò; Thị trấn Lấp Vò
        Xã Lai Vung | - | Huyện Lai Vung; Thị trấn Lai Vung
        Xã Tam Nông | 2 13 | Huyện Tam Nông; Thị trấn Tràm Chim
    """,
}
"""Province id → rows of `name | level, days ago | former names`; `-`: never assessed."""

_LEVELS: dict[str, Level] = {"1": 1, "2": 2, "3": 3, "4": 4}


def _ward(province: str, row: str) -> Area:
    name, found, former = (part.strip() for part in row.split("|"))
    level, _, days = found.partition(" ")
    return Area(
        id=f"{province}.{slug(name)}",
        name=name,
        part_of=province,
        former=tuple(former.split("; ")),
        level=_LEVELS.get(level),
        days=int(days or 0),
    )


WARD_AREAS: dict[str, Area] = {
    area.id: area
    for province, rows in _SAMPLE.items()
    for area in (_ward(province, row) for row in rows.strip().splitlines())
}
"""By id: the province's, a dot, and the ward's own name."""
