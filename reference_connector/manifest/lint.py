"""What a schema cannot see: that the parts of a manifest fit each other. Errors stop a run, warnings do not."""

from __future__ import annotations

from dataclasses import replace

from reference_connector.errors import Problem
from reference_connector.manifest import config_rules, paging_rules, stream_rules
from reference_connector.manifest.rule import RULES, View

# Importing these modules registers their rules.
SOURCES = (config_rules, stream_rules, paging_rules)


def lint(view: View) -> list[Problem]:
    """Return what every rule has to say, in the order of the rules."""
    places = view.manifest.places
    main = next(iter(places.trees))
    problems = []
    for rule in RULES:
        for file, path, message in rule.check(view):
            problem = places.problem(file or main, path, code=rule.id, message=message)
            problems.append(replace(problem, severity=rule.severity))
    return problems
