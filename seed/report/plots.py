"""Small plots as SVG text, drawn by hand: no library, no script, and colors that follow the page's theme."""

from html import escape

from seed.report.figure import Bars, Figure, Lines, Matrix, Plot

WIDTH, HEIGHT = 320, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 8, 22
_GAUGE_WIDTH, _GAUGE_HEIGHT = 120, 14
_SERIES = 6
"""How many colors the page has for lines."""


def draw(plot: Plot, title: str) -> str:
    """Answer a plot as one `svg` element."""
    parts = {Lines: _lines, Bars: _bars, Matrix: _matrix}[type(plot)](plot)  # type: ignore[operator]
    box = f"0 0 {WIDTH} {HEIGHT}"
    return f'<svg class="plot" viewBox="{box}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def gauge(figure: Figure) -> str:
    """Draw a figure against its band: the band as a bar in the middle, the value as a mark."""
    low, high = _ends(figure)
    floor, ceiling = _span(figure, low, high)

    def at(value: float) -> float:
        return round(4 + (_GAUGE_WIDTH - 8) * min(1.0, max(0.0, (value - floor) / (ceiling - floor))), 1)

    left, right = at(low), at(high)
    mark = f'<circle class="mark" cx="{at(figure.value)}" cy="7" r="4.5"/>' if figure.value == figure.value else ""
    return (
        f'<svg class="gauge" viewBox="0 0 {_GAUGE_WIDTH} {_GAUGE_HEIGHT}" aria-hidden="true">'
        f'<rect class="track" x="0" y="5" width="{_GAUGE_WIDTH}" height="4" rx="2"/>'
        f'<rect class="band" x="{left}" y="2" width="{max(2.0, right - left):.1f}" height="10" rx="2"/>{mark}</svg>'
    )


def _ends(figure: Figure) -> tuple[float, float]:
    low = figure.low if figure.low is not None else 0.0
    if figure.high is not None:
        return low, figure.high
    return low, 1.0 if figure.form == "share" else max(2 * low, 1.15 * figure.value)


def _span(figure: Figure, low: float, high: float) -> tuple[float, float]:
    """Answer what the gauge shows: the band with room on both sides, and never less than nothing."""
    room = 0.5 * (high - low) or 1.0
    if figure.form == "share" and figure.high is None:
        return max(0.0, low - room), 1.0
    return max(0.0, low - room), max(high + room, min(figure.value, high + 3 * room))


def _lines(plot: Lines) -> list[str]:
    points = [point for series in plot.series.values() for point in series]
    first, last = min((x for x, _ in points), default=0.0), max((x for x, _ in points), default=1.0)
    top = _round_up(max([y for _, y in points] + [plot.band[1] * 1.25 if plot.band else 0.0], default=1.0))
    parts = [*_band(plot.band, top), *_y_axis(top, plot.form)]
    for index, (name, series) in enumerate(plot.series.items()):
        path = " ".join(f"{_x(x, first, last):.1f},{_y(y, top):.1f}" for x, y in series)
        parts.append(
            f'<polyline class="line s{index % _SERIES}" points="{path}"><title>{escape(name)}</title></polyline>'
        )
    for x, label in plot.marks:
        anchor = "start" if x == first else "end" if x == last else "middle"
        parts.append(_text(_x(x, first, last), HEIGHT - 8, label, anchor))
    return parts


def _bars(plot: Bars) -> list[str]:
    values = [value for _, value, _ in plot.bars]
    top = _round_up(max([*values, plot.band[1] * 1.1 if plot.band else 0.0], default=1.0))
    slot = (WIDTH - _LEFT - _RIGHT) / max(1, len(plot.bars))
    parts = [*_band(plot.band, top), *_y_axis(top, plot.form)]
    for index, (label, value, stands_back) in enumerate(plot.bars):
        told = f"<title>{escape(label)}: {_label(value, plot.form)}</title>"
        left, upper = _LEFT + index * slot, _y(value, top)
        kind = "bar back" if stands_back else "bar"
        parts.append(
            f'<rect class="{kind}" x="{left + slot * 0.12:.1f}" y="{upper:.1f}" width="{slot * 0.76:.1f}"'
            f' height="{max(0.0, HEIGHT - _BOTTOM - upper):.1f}" rx="1.5">{told}</rect>'
        )
        if slot >= 6:
            parts.append(_text(left + slot / 2, HEIGHT - 8, label, "middle"))
    return parts


def _matrix(plot: Matrix) -> list[str]:
    left, top, right = 74, 4, 8
    cell_width = (WIDTH - left - right) / max(1, len(plot.columns))
    cell_height = (HEIGHT - top - 24) / max(1, len(plot.rows))
    parts = []
    for row, (name, values) in enumerate(zip(plot.rows, plot.values, strict=True)):
        y = top + row * cell_height
        parts.append(_text(left - 6, y + cell_height * 0.75, name, "end"))
        for column, value in enumerate(values):
            parts.append(
                f'<rect class="cell" x="{left + column * cell_width:.1f}" y="{y:.1f}" width="{cell_width - 1:.1f}"'
                f' height="{cell_height - 1:.1f}" style="fill-opacity:{0.06 + 0.94 * min(1.0, value / 0.6):.2f}">'
                f"<title>{escape(name)}, then {escape(plot.columns[column])}: {100 * value:.0f} %</title></rect>"
            )
    for column, name in enumerate(plot.columns):
        # Names are wider than columns: every other one goes a line lower.
        parts.append(_text(left + (column + 0.5) * cell_width, HEIGHT - 12 + 10 * (column % 2), name, "middle"))
    return parts


def _band(band: tuple[float, float] | None, top: float) -> list[str]:
    if band is None:
        return []
    upper, lower = _y(band[1], top), _y(band[0], top)
    width = WIDTH - _LEFT - _RIGHT
    return [f'<rect class="band" x="{_LEFT}" y="{upper:.1f}" width="{width}" height="{lower - upper:.1f}"/>']


def _y_axis(top: float, form: str) -> list[str]:
    parts = []
    for value in (0.0, top / 2, top):
        y = _y(value, top)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(_LEFT - 4, y + 3, _label(value, form), "end"))
    return parts


def _x(value: float, first: float, last: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * (value - first) / ((last - first) or 1.0)


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * min(1.0, value / (top or 1.0))


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _label(value: float, form: str) -> str:
    if form == "share":
        return f"{100 * value:.0f} %" if value >= 0.1 or value == 0 else f"{100 * value:.1f} %"
    if value >= 10_000:
        return f"{value / 1000:.0f}k"
    return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"


def _round_up(value: float) -> float:
    """Answer the next number that makes a tidy axis."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power < value:
        power *= 10
    while power / 10 >= value:
        power /= 10
    return next(
        step * power for step in (0.12, 0.16, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0) if step * power >= value - 1e-12
    )
