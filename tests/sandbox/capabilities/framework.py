"""The 36 controls of the CSA's SaaS Security Capability Framework v1.0: what each is about, in our own words.

`by` is how a control can be proved at all: most by a call, some only by a flow, a document or the passing of time.
"""

from __future__ import annotations

from typing import NamedTuple


class Control(NamedTuple):
    """What a control is about, and how it is proved."""

    subject: str
    by: str = "call"


CONTROLS = {
    "CCC-SaaS-01": Control("Reading the whole security configuration by API"),
    "CCC-SaaS-02": Control("Every setting documented with default, dependencies and version", "document"),
    "CCC-SaaS-03": Control("Hearing of settings that are new or became different", "document"),
    "CCC-SaaS-04": Control("Advice on how settings should stand", "document"),
    "DSP-SaaS-01": Control("Restricting which files come in, or all of them"),
    "IAM-SaaS-01": Control("Listing people, how they sign in and when they last did"),
    "IAM-SaaS-02": Control("Listing what each person may do, and through what"),
    "IAM-SaaS-03": Control("Networks that access is held to, stricter ones for administrators"),
    "IAM-SaaS-04": Control("Signing in through the organization's identity provider", "flow"),
    "IAM-SaaS-05": Control("Closing every other way to sign in, but for named people"),
    "IAM-SaaS-06": Control("Listing identities that are no people, with reach and end"),
    "IAM-SaaS-07": Control("Revoking identities that are no people"),
    "IAM-SaaS-08": Control("Seeing, removing and resetting what people prove themselves with"),
    "IAM-SaaS-09": Control("Provisioning by a directory, with a right of its own"),
    "IAM-SaaS-10": Control("A role that reads the configuration and no customer data"),
    "IAM-SaaS-11": Control("Rules for passwords"),
    "IAM-SaaS-12": Control("Second factors: which ones, and for whom they are a must"),
    "IAM-SaaS-13": Control("Switching off access without an account"),
    "IAM-SaaS-14": Control("Switching off access by people of other organizations"),
    "IAM-SaaS-15": Control("Ending all sessions of a person at once"),
    "IAM-SaaS-16": Control("A right that is taken away is gone at once", "time"),
    "IAM-SaaS-17": Control("Suspending and bringing back a person with all that acts for them"),
    "IAM-SaaS-18": Control("Fine scopes: reading apart from writing, administration apart from both"),
    "IAM-SaaS-19": Control("An allow-list of third-party applications"),
    "IAM-SaaS-20": Control("How long an idle session lasts"),
    "IAM-SaaS-21": Control("Which roles may invite people"),
    "IPY-SaaS-01": Control("Keeping bulk export for administrators"),
    "IPY-SaaS-02": Control("Judging applications by their verified publisher"),
    "LOG-SaaS-01": Control("What is logged, of people and of machines"),
    "LOG-SaaS-02": Control("What every event says"),
    "LOG-SaaS-03": Control("Getting events, by the time at which they became visible"),
    "LOG-SaaS-04": Control("How long events are kept", "time"),
    "LOG-SaaS-05": Control("How soon an event can be read", "time"),
    "LOG-SaaS-06": Control("Documented kinds of events, with versions"),
    "LOG-SaaS-07": Control("A log that nobody can change", "flow"),
    "SEF-SaaS-01": Control("Whom to tell about incidents"),
}
