"""Is the log lifelike? Twelve statistics of ordinary traffic, each with the band that published logs lie in, and a page.

Everything is computed as a reader of the log would: from the events, the directory and the answer key (what was planted is
left out), in one pass, and from nothing that the generator knows. `python -m seed report` prints it.

Reading order: `figure` (what a statistic answers), `measure` (the pass), one file per theme, `page` and `plots`.
"""

from seed.report.measure import Report, measure

__all__ = ["Report", "measure"]
