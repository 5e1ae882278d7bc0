"""Draws charts as SVG on the server, in light and dark, for wide and narrow pages; drawn once for the same data.

No script reaches the page. Drawing takes about a tenth of a second, the first time a second more:
call it from a thread, never from an event loop.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal

import msgspec

CACHED_CHARTS = 64
FONT = "-apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"
# A year is named once, where it begins: "Feb 17" would read as a day.
MONTHS = "timeFormat(datum.value, month(datum.value) ? '%b' : '%Y')"
DAYS = "%-d %b"
FEW_WEEKS = 20
# d3 knows its languages by these names.
LOCALES: Mapping[str, Literal["en-US", "sv-SE"]] = {"en": "en-US", "sv": "sv-SE"}


class Palette(msgspec.Struct, frozen=True):
    """The colours of a theme, as `look.css` has them."""

    text: str
    line: str
    accent: str


class Size(msgspec.Struct, frozen=True):
    """In CSS pixels of the whole picture. `font` too."""

    width: int
    height: int
    font: int


PALETTES = {
    "light": Palette(text="#55604f", line="#e3ddcf", accent="#0f6b4a"),
    "dark": Palette(text="#a9b5a5", line="#2c352f", accent="#5fc99a"),
}
SIZES = {"wide": Size(1120, 280, 12), "medium": Size(760, 280, 12), "narrow": Size(440, 280, 13)}

Bars = tuple[tuple[date, int], ...]


def weekly_bars(bars: Sequence[tuple[date, int]], theme: str, size: str, language: str) -> str:
    """A bar per week, from its Monday. `theme` of PALETTES, `size` of SIZES, `language` of LOCALES."""
    return _weekly_bars(tuple(bars), theme, size, language)


@lru_cache(CACHED_CHARTS)
def _weekly_bars(bars: Bars, theme: str, size: str, language: str) -> str:
    # They take a second to load and a page without a chart does without them.
    import altair
    import vl_convert

    palette, picture = PALETTES[theme], SIZES[size]
    days = altair.X("from:T", title=None, axis=_days(bars, _ticks(size)))
    counts = altair.Y(
        "uses:Q", title=None, axis=altair.Axis(tickCount=4, format=",d", tickMinStep=1)
    )
    chart = (
        altair.Chart(altair.Data(values=[_values(monday, uses) for monday, uses in bars]))
        .mark_rect(color=palette.accent, xOffset=1, x2Offset=-1)
        .encode(x=days, x2="to:T", y=counts, y2=altair.datum(0))
        .properties(
            width=picture.width,
            height=picture.height,
            padding=4,
            autosize={"type": "fit", "contains": "padding"},
            background="transparent",
        )
        .configure(**_config(palette, picture))
    )
    locale = LOCALES[language]
    svg: str = vl_convert.vegalite_to_svg(
        chart.to_dict(), format_locale=locale, time_format_locale=locale, allowed_base_urls=[]
    )
    return svg


def _days(bars: Bars, ticks: int) -> Any:
    """Months, each named once; over a few weeks their Mondays instead, as many as there is room for."""
    import altair

    if len(bars) > FEW_WEEKS:
        return altair.Axis(tickCount=ticks, labelExpr=MONTHS)
    mondays = [monday for monday, _ in bars][:: -(-len(bars) // ticks)]
    values = [altair.DateTime(year=d.year, month=d.month, date=d.day) for d in mondays]
    return altair.Axis(values=values, format=DAYS)


def _values(monday: date, uses: int) -> dict[str, Any]:
    # Months are written as local time would be: the server's own zone must not move a Monday.
    return {
        "from": f"{monday.isoformat()}T00:00:00",
        "to": f"{(monday + timedelta(weeks=1)).isoformat()}T00:00:00",
        "uses": uses,
    }


def _ticks(size: str) -> int:
    return 4 if size == "narrow" else 12


def _config(palette: Palette, picture: Size) -> dict[str, Any]:
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": palette.text,
            "labelFontSize": picture.font,
            "labelPadding": 6,
            "gridColor": palette.line,
            "domain": False,
            "ticks": False,
        },
        "axisX": {"grid": False, "domain": True, "domainColor": palette.line},
    }
