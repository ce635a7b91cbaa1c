"""Colours and fonts that Superset's configuration takes; stylesheets in `assets/templates` use the same values."""

from __future__ import annotations

# one measure, low → high
SEQUENTIAL = ("#E3F1F6", "#A9D3E3", "#5FAAC9", "#21759F", "#0B3C5D")
CURRENT = "#21759F"
# series and parts of a whole: neighbours differ in lightness, so that grey-scale print tells them apart; the grey of
# last year is never one of them
CATEGORICAL = (CURRENT, "#A9D3E3", "#0B3C5D", "#5FAAC9", "#7A5C99", "#C9B458", "#6F8F72", "#B07A5E")
FONTS = "'Noto Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"
