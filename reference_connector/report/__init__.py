"""One page for people: the score, the alerts, what to put right first, and whether the data can be trusted.

`sources` and `alerts` read the output folder, `charts` computes what is drawn, `html` turns it into one file without
scripts, fonts or requests, `build` puts them together. The page says what is missing instead of leaving it out.
"""
