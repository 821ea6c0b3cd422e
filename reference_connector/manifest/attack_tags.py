"""MITRE ATT&CK in the tags of a rule, as Sigma writes it: `attack.credential-access`, `attack.t1110.001`.

Tags do not say which technique serves which tactic, so here their order does: a technique belongs to the tactic before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from marshmallow import ValidationError

from reference_connector.manifest.fields import Complaint, nearest

# The tactics of the enterprise matrix, as tags spell them.
TACTICS = {
    "reconnaissance": ("TA0043", "Reconnaissance"),
    "resource-development": ("TA0042", "Resource Development"),
    "initial-access": ("TA0001", "Initial Access"),
    "execution": ("TA0002", "Execution"),
    "persistence": ("TA0003", "Persistence"),
    "privilege-escalation": ("TA0004", "Privilege Escalation"),
    "defense-evasion": ("TA0005", "Defense Evasion"),
    "credential-access": ("TA0006", "Credential Access"),
    "discovery": ("TA0007", "Discovery"),
    "lateral-movement": ("TA0008", "Lateral Movement"),
    "collection": ("TA0009", "Collection"),
    "exfiltration": ("TA0010", "Exfiltration"),
    "command-and-control": ("TA0011", "Command and Control"),
    "impact": ("TA0040", "Impact"),
}

_TECHNIQUE = re.compile(r"t\d{4}(\.\d{3})?")


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique, such as T1110.001, and the tactic it serves."""

    uid: str
    tactic_uid: str
    tactic_name: str


def techniques(tags: Sequence[str]) -> tuple[Technique, ...]:
    """Return the techniques that the tags name; ValidationError with the index of a tag that is not ATT&CK's."""
    found: list[Technique] = []
    tactic: tuple[str, str] | None = None
    for index, tag in enumerate(tags):
        namespace, _, name = tag.partition(".")
        if namespace != "attack":
            continue
        if name in TACTICS:
            tactic = TACTICS[name]
        elif not _TECHNIQUE.fullmatch(name):
            raise _refused(index, f"unknown tactic or technique{nearest(name, TACTICS)}")
        elif tactic is None:
            raise _refused(index, "name the tactic before the technique")
        else:
            found.append(Technique(name.upper(), *tactic))
    return tuple(found)


def _refused(index: int, message: str) -> ValidationError:
    return ValidationError({"tags": {index: [Complaint(message, code="tag")]}})
