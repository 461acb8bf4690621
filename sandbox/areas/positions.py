"""About where the sample's wards lie: degrees north and east to a hundredth, about a kilometre.

Good for playing with a place that somebody sends, and for nothing else: these are no borders.
"""

from __future__ import annotations

from sandbox.areas.area import slug

_ROWS: dict[str, str] = {
    "ha-noi": """
        Phường Hoàn Kiếm 21.03 105.85
        Phường Cửa Nam 21.02 105.84
        Phường Ba Đình 21.04 105.84
        Phường Ngọc Hà 21.04 105.82
        Phường Giảng Võ 21.03 105.82
        Phường Hai Bà Trưng 21.01 105.85
        Phường Bạch Mai 21.00 105.85
        Phường Đống Đa 21.01 105.82
        Phường Ô Chợ Dừa 21.02 105.83
        Phường Cầu Giấy 21.03 105.79
        Phường Nghĩa Đô 21.05 105.80
        Phường Thanh Xuân 20.99 105.81
        Phường Hà Đông 20.97 105.77
        Phường Sơn Tây 21.14 105.50
        Xã Sóc Sơn 21.26 105.85
    """,
    "tp-ho-chi-minh": """
        Phường Sài Gòn 10.78 106.70
        Phường Bến Thành 10.77 106.69
        Phường Tân Định 10.79 106.69
        Phường Cầu Ông Lãnh 10.76 106.69
        Phường Xuân Hòa 10.78 106.68
        Phường Chợ Lớn 10.75 106.66
        Phường Bình Thạnh 10.80 106.71
        Phường Gò Vấp 10.83 106.67
        Phường Thủ Đức 10.85 106.76
        Phường An Khánh 10.79 106.74
        Phường Thủ Dầu Một 10.98 106.65
        Phường Dĩ An 10.90 106.77
        Phường Vũng Tàu 10.35 107.08
        Xã Cần Giờ 10.41 106.95
        Đặc khu Côn Đảo 8.69 106.61
    """,
    "da-nang": """
        Phường Hải Châu 16.07 108.22
        Phường Hòa Cường 16.04 108.22
        Phường Thanh Khê 16.07 108.19
        Phường Sơn Trà 16.10 108.25
        Phường An Hải 16.06 108.24
        Phường Ngũ Hành Sơn 16.02 108.25
        Phường Liên Chiểu 16.09 108.13
        Phường Hòa Khánh 16.06 108.15
        Phường Cẩm Lệ 16.02 108.20
        Phường Hội An 15.88 108.33
        Phường Tam Kỳ 15.57 108.48
        Phường Điện Bàn 15.89 108.25
        Xã Hòa Vang 16.00 108.15
        Đặc khu Hoàng Sa 16.50 111.60
    """,
    "khanh-hoa": """
        Phường Nha Trang 12.24 109.19
        Phường Bắc Nha Trang 12.29 109.19
        Phường Tây Nha Trang 12.26 109.16
        Phường Nam Nha Trang 12.21 109.19
        Phường Cam Ranh 11.92 109.16
        Phường Ba Ngòi 11.90 109.13
        Phường Ninh Hòa 12.49 109.13
        Xã Diên Khánh 12.26 109.10
        Xã Vạn Ninh 12.70 109.22
        Phường Phan Rang 11.57 108.99
        Phường Đô Vinh 11.60 108.95
        Xã Ninh Hải 11.60 109.03
        Đặc khu Trường Sa 8.64 111.92
    """,
    "can-tho": """
        Phường Ninh Kiều 10.03 105.78
        Phường Cái Khế 10.05 105.78
        Phường Tân An 10.02 105.77
        Phường Bình Thủy 10.08 105.74
        Phường Long Tuyền 10.03 105.72
        Phường Cái Răng 10.00 105.75
        Phường Hưng Phú 10.01 105.80
        Phường Ô Môn 10.11 105.62
        Phường Thốt Nốt 10.27 105.53
        Xã Phong Điền 9.99 105.66
        Phường Sóc Trăng 9.60 105.97
        Phường Vị Thanh 9.78 105.47
    """,
    "dong-thap": """
        Phường Cao Lãnh 10.46 105.63
        Phường Mỹ Trà 10.47 105.65
        Phường Sa Đéc 10.29 105.76
        Phường Hồng Ngự 10.81 105.34
        Phường Mỹ Tho 10.36 106.36
        Phường Đạo Thạnh 10.38 106.35
        Phường Gò Công 10.36 106.67
        Phường Mỹ Phước Tây 10.46 106.13
        Xã Tháp Mười 10.52 105.84
        Xã Lấp Vò 10.36 105.52
        Xã Lai Vung 10.29 105.66
        Xã Tam Nông 10.68 105.56
    """,
}
"""Province id → rows of `name latitude longitude`."""


def _rows() -> dict[str, tuple[float, float]]:
    found = {}
    for province, rows in _ROWS.items():
        for row in rows.strip().splitlines():
            name, latitude, longitude = row.strip().rsplit(" ", 2)
            found[f"{province}.{slug(name)}"] = (float(latitude), float(longitude))
    return found


POSITIONS: dict[str, tuple[float, float]] = _rows()
"""By the ward's id: latitude, longitude (WGS 84)."""
