"""Whether everybody can read the pages: axe-core in a real browser on every page and tab, and the contrast of the colours."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from deep_links import IN_BROWSER
from playwright.sync_api import Browser, Page
from running import PROJECT
from tabs import Tabs, choose_tab

from dashboard import charts

AXE = PROJECT / "tests" / "browser-tools" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark")
VIEWS = [(page, "zh", theme) for page in IN_BROWSER for theme in THEMES] + [(page, "en", "light") for page in ("overview", "provinces")]
BACKGROUNDS = ("#FFFFFF", "#0E1117")  # of Streamlit's light and dark theme, as in charts.COLOURS: light first


@dataclass(frozen=True)
class Exempt:
    """A finding that Streamlit's own markup causes: the page it is found on, the rule of axe, the elements, why it is not ours to mend."""

    page: str
    rule: str
    selector: str
    reason: str


EXEMPT: list[Exempt] = []

# The serious and critical findings of the page as it is now, each with the number of its exemption or null.
FIND = """async exempt => {
    const found = await axe.run(document, { resultTypes: ['violations'] });
    return found.violations.filter(rule => ['serious', 'critical'].includes(rule.impact)).flatMap(rule => rule.nodes.map(node => {
        const element = document.querySelector(node.target[0]);
        const index = exempt.findIndex(known => known.rule == rule.id && element.matches(known.selector));
        return { rule: rule.id, target: node.target.join(' '), html: node.html.slice(0, 200), exempt: index < 0 ? null : index };
    }));
}"""


def look(page: Page) -> list[dict]:
    """The findings on a page, over all its tabs."""
    if not AXE.is_file():
        pytest.skip("no axe-core here (npm ci --prefix tests/browser-tools)")
    if page.evaluate("window.axe === undefined"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    exempt = [vars(each) for each in EXEMPT]
    found = page.evaluate(FIND, exempt)
    for number in (1, 2):
        if choose_tab(page, number):
            found += page.evaluate(FIND, exempt)
    return found


@pytest.mark.parametrize(("page", "language", "theme"), VIEWS)
def test_axe_finds_nothing_serious_but_what_is_exempt_and_that_still(tabs: Tabs, page: str, language: str, theme: str) -> None:
    found = look(tabs.show(page, language=language, theme=theme))
    ours = [f"{each['rule']}: {each['target']}\n{each['html']}" for each in found if each["exempt"] is None]
    assert ours == [], "\n".join(ours)
    assert {each["exempt"] for each in found} == {number for number, known in enumerate(EXEMPT) if known.page == page}


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang='zh'><title>t</title><main><h1>t</h1><button></button><p style='color:#ccc'>pale</p></main></html>")
    assert {each["rule"] for each in look(page)} == {"button-name", "color-contrast"}
    page.close()


# ---------------------------------------------------------------- colours


def linear(colour: str) -> list[float]:
    """Red, green and blue of #RRGGBB as amounts of light, 0 to 1."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


# What the three kinds of colour blindness make of linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def distance(one: str, other: str, blindness: str) -> float:
    """How far apart two colours look to a colour-blind reader: CIE 1976 difference in L*a*b* (D65)."""

    def lab(colour: str) -> tuple[float, float, float]:
        seen = (sum(weight * each for weight, each in zip(row, linear(colour), strict=True)) for row in BLINDNESS[blindness])
        red, green, blue = (min(1, max(0, each)) for each in seen)
        xyz = (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
        )
        x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in xyz)
        return 116 * y - 16, 500 * (x - y), 200 * (y - z)

    return sum((first - second) ** 2 for first, second in zip(lab(one), lab(other), strict=True)) ** 0.5


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", range(2), ids=THEMES)
@pytest.mark.parametrize("thing", charts.COLOURS)
def test_every_colour_of_a_chart_stands_out_from_the_page(thing: str, theme: int) -> None:
    assert contrast(charts.COLOURS[thing][theme], BACKGROUNDS[theme]) >= 3


@pytest.mark.parametrize("theme", range(2), ids=THEMES)
def test_text_of_a_chart_can_be_read(theme: int) -> None:
    assert contrast(charts.INK[theme], BACKGROUNDS[theme]) >= 7
    assert contrast(charts.QUIET[theme], BACKGROUNDS[theme]) >= 4.5


@pytest.mark.parametrize("theme", range(2), ids=THEMES)
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_surplus_and_deficit_differ_for_colour_blind_readers(blindness: str, theme: int) -> None:
    assert distance(charts.COLOURS["surplus"][theme], charts.COLOURS["deficit"][theme], blindness) >= 40
