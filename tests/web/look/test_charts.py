import re
from datetime import date, timedelta
from itertools import product

import pytest

from kupong.web.look import charts

MONDAY = date(2017, 1, 2)
BARS = [(MONDAY + timedelta(weeks=n), n % 4 * 10) for n in range(52)]


def drawn(bars: list[tuple[date, int]]) -> dict[str, float]:
    """The height of each bar by what it is called."""
    svg = charts.weekly_bars(bars, "light", "wide", "en")
    found = re.findall(r'<path aria-label="([^"]*)"[^>]* d="M[^"]*?v(-?[\d.]+)h', svg)
    return {name: float(height) for name, height in found}


def test_there_is_a_bar_for_each_week_as_high_as_its_count() -> None:
    heights = list(drawn(BARS).values())
    assert len(heights) == len(BARS)
    tallest = heights[3]
    assert tallest > 100
    assert heights[:4] == pytest.approx([0, tallest / 3, tallest * 2 / 3, tallest], abs=0.1)


@pytest.mark.parametrize(
    ("theme", "size", "language"), list(product(charts.PALETTES, charts.SIZES, charts.LOCALES))
)
def test_a_chart_needs_no_style_no_script_and_nothing_from_outside(
    theme: str, size: str, language: str
) -> None:
    svg = charts.weekly_bars(BARS, theme, size, language)
    assert not re.search(r"<style|style=|<script|<image|href=|url\(", svg)
    assert f'width="{charts.SIZES[size].width}"' in svg
    assert charts.PALETTES[theme].accent in svg


def test_months_are_written_in_the_readers_language() -> None:
    assert ">May<" in charts.weekly_bars(BARS, "light", "wide", "en")
    assert ">Maj<" in charts.weekly_bars(BARS, "light", "wide", "sv")


def test_the_same_data_is_drawn_once() -> None:
    first = charts.weekly_bars(BARS, "light", "wide", "en")
    assert charts.weekly_bars(list(BARS), "light", "wide", "en") is first
    assert charts.weekly_bars(BARS[1:], "light", "wide", "en") != first


def test_the_colours_are_those_of_the_styles(styles: str) -> None:
    for palette in charts.PALETTES.values():
        for name, colour in (
            ("accent", palette.accent),
            ("quiet", palette.text),
            ("rule", palette.line),
        ):
            assert f"--{name}: {colour};" in styles


@pytest.fixture
def styles() -> str:
    from pathlib import Path

    return (Path(charts.__file__).parent / "static" / "look" / "look.css").read_text()


def test_a_few_weeks_are_told_by_their_mondays() -> None:
    few = [(date(2017, 5, 1) + timedelta(weeks=n), n) for n in range(12)]
    wide, narrow = (charts.weekly_bars(few, "light", size, "sv") for size in ("wide", "narrow"))
    assert re.findall(r">(\d+ \w+)<", wide)[:3] == ["1 Maj", "8 Maj", "15 Maj"]
    assert len(re.findall(r">(\d+ \w+)<", wide)) == 12
    assert re.findall(r">(\d+ \w+)<", narrow) == ["1 Maj", "22 Maj", "12 Jun", "3 Jul"]
