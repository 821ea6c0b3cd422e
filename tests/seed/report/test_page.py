"""The page of plots: one file that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from seed import Dataset
from seed.report import Report, measure
from seed.report.figure import Bars, Figure, Lines, Matrix
from seed.report.page import write_page
from seed.report.plots import draw, gauge


@pytest.fixture(scope="module")
def report(small: Dataset) -> Report:
    return measure(small)


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return write_page(report)


def test_page_needs_no_other_file(page: str) -> None:
    assert not re.findall(r"(?:src|href|url\()\s*=?", page)
    assert "<script" not in page


def test_page_has_a_plot_for_each_statistic_and_a_gauge_for_each_figure(page: str, report: Report) -> None:
    assert page.count('<svg class="plot"') == len(report.answers) == 13
    assert page.count('<svg class="gauge"') == sum(len(answer.figures) for answer in report.answers)


def test_page_is_the_same_bytes_each_time(page: str, report: Report) -> None:
    assert write_page(report) == page


def test_page_follows_the_theme_of_the_reader(page: str) -> None:
    assert "prefers-color-scheme: dark" in page


def test_page_says_what_lies_outside(report: Report) -> None:
    bad = replace(report.answers[0], figures=(Figure("failed of all", 0.4, 0.02, 0.06, "share"),))
    page = write_page(replace(report, answers=(bad, *report.answers[1:])))
    assert "1 of 31 figures lie outside their band: Sign-ins that fail: failed of all" in page


@pytest.mark.parametrize(
    "plot",
    [
        Lines({"a": [(0.0, 0.0), (1.0, 2.0)], "b & c": [(0.0, 1.0)]}, [(0.0, "start")], (0.5, 1.0)),
        Lines({}),
        Bars([("<5", 1.0, False), ("later", 0.0, True)], form="share"),
        Bars([]),
        Matrix(["viewed"], ["viewed"], [[1.0]]),
    ],
    ids=["lines", "no lines", "bars", "no bars", "matrix"],
)
def test_plot_is_well_formed(plot: Lines | Bars | Matrix) -> None:
    assert ElementTree.fromstring(draw(plot, "a < b")).tag == "svg"


@pytest.mark.parametrize(("value", "where"), [(0.02, "left"), (0.04, "within"), (0.5, "right")])
def test_gauge_shows_on_which_side_of_the_band_a_value_lies(value: float, where: str) -> None:
    drawn = ElementTree.fromstring(gauge(Figure("share", value, 0.03, 0.05, "share")))
    band = next(part for part in drawn if part.get("class") == "band")
    mark = next(part for part in drawn if part.get("class") == "mark")
    left, width, at = (float(part or "nan") for part in (band.get("x"), band.get("width"), mark.get("cx")))
    side = "left" if at < left else "right" if at > left + width else "within"
    assert side == where


def test_value_that_is_not_a_number_is_out_of_band_and_draws_no_mark() -> None:
    nothing = Figure("share", float("nan"), 0.1, 0.2)
    assert not nothing.is_in_band
    assert "mark" not in gauge(nothing)
