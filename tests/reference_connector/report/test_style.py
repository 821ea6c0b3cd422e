"""Colors that can be read, in both schemes and on paper (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reference_connector.report

STYLE = (Path(reference_connector.report.__file__).parent / "templates" / "style.css").read_text()
WORDS = ("ink", "soft", "link", "critical", "high", "medium", "low", "informational", "good")
SHAPES = ("critical-mark", "high-mark", "medium-mark", "low-mark", "informational-mark", "good-mark")


def schemes() -> dict[str, dict[str, str]]:
    light, dark, paper = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\n\s*\}", STYLE, re.DOTALL)
    )
    return {"light": light, "dark": light | dark, "print": light | paper}


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("name", WORDS)
def test_words_can_be_read_on_every_ground(scheme: str, name: str) -> None:
    colors = schemes()[scheme]
    for ground in ("paper", "card", "sunk"):
        assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["critical", "high", "medium", "low", "informational", "good"])
def test_words_can_be_read_on_their_pill(scheme: str, name: str) -> None:
    colors = schemes()[scheme]
    assert contrast(colors[name], mixed(colors[name], colors["card"], 0.12)) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("name", SHAPES)
def test_shapes_can_be_told_from_the_ground(scheme: str, name: str) -> None:
    colors = schemes()[scheme]
    assert contrast(colors[name], colors["card"]) >= 3


def test_contrast_is_that_of_the_guideline() -> None:
    assert round(contrast("#000", "#fff"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(rgb(one)), luminance(rgb(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(color: str, ground: str, share: float) -> str:
    parts = [share * c + (1 - share) * g for c, g in zip(rgb(color), rgb(ground), strict=True)]
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def rgb(color: str) -> tuple[float, ...]:
    digits = color.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
