"""Colours and fonts of the dashboards, named once (the big-screen colours are Superset's dark theme)."""

from __future__ import annotations

# one measure, low → high
SEQUENTIAL = ("#E3F1F6", "#A9D3E3", "#5FAAC9", "#21759F", "#0B3C5D")
CURRENT, LAST_YEAR, TARGET = "#21759F", "#A8B3BD", "#333F48"
# series and parts of a whole: neighbours differ in lightness, so that grey-scale print tells them apart; the grey of
# last year is never one of them
CATEGORICAL = (CURRENT, "#A9D3E3", "#0B3C5D", "#5FAAC9", "#7A5C99", "#C9B458")
CREDIT = {"绿": "#2E8B57", "黄": "#E0B000", "橙": "#E07B00", "红": "#C62828"}
DARK = {"colorPrimary": "#25C2E3", "colorLink": "#25C2E3", "colorBgBase": "#071A2C", "colorTextBase": "#DCEBF5"}
FONTS = "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
