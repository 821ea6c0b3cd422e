"""The report as one page: a card for each statistic, with its plot and a gauge for each figure. Self-contained."""

from html import escape
from importlib.resources import files

from seed.report.figure import Figure, Lines, Plot
from seed.report.measure import Answer, Report
from seed.report.plots import draw, gauge

_TWELVE = 12


def write_page(report: Report) -> str:
    """Answer the page as HTML, which needs nothing else: no script, no font, no network."""
    style = (files("seed") / "report" / "page.css").read_text("utf-8")
    cards = "\n".join(map(_card, report.answers))
    title = f"{report.company}: is the log lifelike?"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p class="facts">profile <b>{escape(report.profile)}</b> · seed <b>{report.seed}</b> · <b>{report.events:,}</b> ordinary
events · <b>{report.people:,}</b> accounts · <b>{report.days}</b> days</p>
{_verdict(report)}
</header>
<main>
{cards}
</main>
<footer>Measured on the events and the directory, as a reader of the log would; what was planted is left out. Shaded:
the band that published logs lie in. Made again, byte for byte, by
<code>python -m seed report --profile {escape(report.profile)} --seed {report.seed} --html FILE</code></footer>
</body>
</html>
"""


def _verdict(report: Report) -> str:
    figures = sum(len(answer.figures) for answer in report.answers)
    outside = report.outside()
    if not outside:
        return f'<p class="verdict in"><span class="dot"></span>all {figures} figures lie in their band</p>'
    names = ", ".join(f"{answer.title}: {figure.name}" for answer, figure in outside)
    text = f"{len(outside)} of {figures} figures lie outside their band: {names}"
    return f'<p class="verdict out"><span class="dot"></span>{escape(text)}</p>'


def _card(answer: Answer) -> str:
    state = "in" if answer.is_in_band else "out"
    number = str(answer.number) if answer.number <= _TWELVE else "+"
    rows = "\n".join(map(_row, answer.figures))
    return f"""<article class="{state}">
<h2><span class="number">{number}</span>{escape(answer.title)}<span class="dot" title="{state} of band"></span></h2>
{draw(answer.plot, answer.title)}
{_legend(answer.plot)}<table>
{rows}
</table>
<p class="basis">{escape(answer.basis)}</p>
</article>"""


def _row(figure: Figure) -> str:
    state = "in" if figure.is_in_band else "out"
    return (
        f'<tr class="{state}"><th scope="row">{escape(figure.name)}</th><td class="value">{escape(figure.written())}</td>'
        f'<td class="scale">{gauge(figure)}<span class="limits">{escape(figure.band())}</span></td></tr>'
    )


def _legend(plot: Plot) -> str:
    if not isinstance(plot, Lines) or len(plot.series) < 2:
        return ""
    names = "".join(f'<li class="s{index % 6}">{escape(name)}</li>' for index, name in enumerate(plot.series))
    return f'<ul class="legend">{names}</ul>\n'
