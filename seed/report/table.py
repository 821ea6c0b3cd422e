"""The report for a terminal: one line a figure, with its band."""

from seed.report.measure import Report


def describe_report(report: Report) -> str:
    """Write value, band and verdict of every figure."""
    lines = [
        f"{report.company} · profile {report.profile} · seed {report.seed} · "
        f"{report.events:,} ordinary events of {report.people:,} accounts in {report.days} days",
        "",
    ]
    for answer in report.answers:
        lines.append(f"{answer.number:>2}  {answer.title}")
        for figure in answer.figures:
            verdict = "in" if figure.is_in_band else "OUT"
            lines.append(f"    {figure.name:<46}{figure.written():>9}   {figure.band():<16}{verdict}")
    outside = len(report.outside())
    total = sum(len(answer.figures) for answer in report.answers)
    verdict = f"{outside} of {total} figures lie outside their band" if outside else f"all {total} figures lie in band"
    return "\n".join([*lines, "", verdict])
