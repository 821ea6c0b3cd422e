"""The whole chain, once: a vendor is seeded and served, a connector reads it twice, judges it and acts.

What it prints is measured, and what it claims is checked: every claim below is an assertion that ends the demo with exit
code 1 if it does not hold. Results lie in out/demo; what was started here is stopped here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).parents[1]
OUT = ROOT / "out" / "demo"
BIN = Path(sys.executable).parent
MANIFEST = "manifests/sandbox"  # Relative, as a person in this folder would write it.
RESULTS = "out/demo/run"
CLIENT = ("demo-connector", "demo-connector-secret")
ENVIRONMENT = {
    **os.environ,  # noqa: TID251 - handed on to the two halves
    "HARBOR_CLIENT_ID": CLIENT[0],
    "HARBOR_CLIENT_SECRET": CLIENT[1],
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}

console = Console(highlight=False, soft_wrap=True)


class ClaimFailed(Exception):
    """Something that the demo says is not so."""


def main() -> int:
    """Run the demo; 0 if everything that it claims is true."""
    started = time.perf_counter()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    console.print("\n[bold]Harbor[/]: a simulated SaaS vendor, a manifest, a connector and a report\n")
    try:
        with serving() as url, httpx2.Client(base_url=url, timeout=60) as http:
            show_and_check(url, http)
    except ClaimFailed as failure:
        console.print(f"\n[bold red]Not so:[/] {failure}. Logs and results lie in {shown(OUT)}.")
        return 1
    console.print(f"\nEverything above was checked, in [bold]{time.perf_counter() - started:.1f} s[/].")
    console.print(f"Report:  [bold]{shown(OUT / 'run' / 'report.html')}[/]   (a browser opens it, no network needed)")
    console.print(
        "Next:    [bold]make serve[/], then http://127.0.0.1:8000/docs   ·   docs/tour.md follows a request and a sync\n"
    )
    return 0


def show_and_check(url: str, http: httpx2.Client) -> None:
    """Sync, judge, act, and sync again."""
    first = connect(url)
    show_streams(first)
    server = integrity(http)
    claim_complete(server, since=first["streams"]["audit_events"]["total"], first=first)
    show_posture(http)
    show_alerts(http)
    responded = respond(url)
    provoke(http)
    time.sleep(2.2)  # The manifest's settle delay: what is younger may still be joined by others.
    second = connect(url)
    show_second(first, second, integrity(http), responded)


@contextmanager
def serving() -> Iterator[str]:
    """Seed and serve the sandbox on a free loopback port; gives its address."""
    begun = time.perf_counter()
    command = [BIN / "sandbox", "serve", "--port", "0", "--database", OUT / "harbor.sqlite", "--profile", "small"]
    with (OUT / "sandbox.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=ENVIRONMENT)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line.startswith("ready: "):
            raise ClaimFailed(f"the sandbox starts: {(OUT / 'sandbox.log').read_text().strip()[-400:]}")
        url = line.removeprefix("ready: ").strip()
        step("vendor", f"tenant [bold]acme[/] seeded and served at {url}", time.perf_counter() - begun)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=15)


def connect(url: str) -> dict[str, Any]:
    """Run the connector to its end; gives what run.json says of it."""
    begun = time.perf_counter()
    command = [BIN / "connector", "run", MANIFEST, "--base-url", url, "--out", RESULTS]
    call(command, log="connector.log")
    result = read_json("run.json")
    if result["outcome"] != "complete":
        raise ClaimFailed(f"the run is complete: {result['outcome']}")
    events = sum(stream["new"] for stream in result["streams"].values())
    step("connector", f"read {events:,} records, mapped, judged and reported", time.perf_counter() - begun)
    return result


def show_streams(run: dict[str, Any]) -> None:
    """Show what was read."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("what was read", "records", "pages", "health"):
        table.add_column(name, justify="right" if name in {"records", "pages"} else "left")
    for name, stream in run["streams"].items():
        table.add_row(name.replace("_", " "), f"{stream['total']:,}", str(stream["pages"]), stream["health"])
    console.print()
    console.print(table)
    classes = Counter({path.stem: lines(path) for path in sorted((OUT / "run" / "ocsf").glob("*.jsonl"))})
    shares = "  ".join(f"{name} {count:,}" for name, count in classes.most_common())
    console.print(Text(f"OCSF 1.8.0   {shares}", style="dim"))


def claim_complete(server: dict[str, Any], *, since: int, first: dict[str, Any]) -> None:
    """Claim that the raw file holds each event of the log up to its end once, in order, and an unbroken chain."""
    sequences = [event["integrity"]["sequence"] for event in read_lines("raw/audit_events.jsonl")]
    if sequences != list(range(1, len(sequences) + 1)):
        raise ClaimFailed("each event was kept once, in the order of the log")
    if not server["verified"]:
        raise ClaimFailed("the vendor's hash chain is unbroken")
    if since != len(sequences) or server["events"] - since > 3:
        raise ClaimFailed(f"nothing is missing: the log has {server['events']}, the connector {since}")
    assert first["streams"]["audit_events"]["duplicates"] == 0


def show_posture(http: httpx2.Client) -> None:
    """Show the score, and check that the planted misconfigurations were found."""
    posture = read_json("posture.json")
    failed = {check["id"]: check for check in posture["checks"] if check["status"] in {"fail", "partial"}}
    planted = truth(http, "misconfiguration")
    if missed := [fault["check_id"] for fault in planted if fault["check_id"] not in failed]:
        raise ClaimFailed(f"every planted misconfiguration was found: {missed}")
    console.print(
        f"\n[bold]Posture {posture['score']:.0f}[/] of 100, {len(failed)} of {len(posture['checks'])} checks want attention"
    )
    for check in sorted(failed.values(), key=lambda check: check["rank"])[:5]:
        mark = " [dim](planted)[/]" if any(fault["check_id"] == check["id"] for fault in planted) else ""
        console.print(f"  [yellow]●[/] {check['severity']:<8} {check['title']}{mark}")
    console.print(f"  planted misconfigurations found: [bold]{len(planted)} of {len(planted)}[/]")


def show_alerts(http: httpx2.Client) -> None:
    """Show the alerts, and compare them with the truth."""
    alerts = [Alert(line) for line in read_lines("alerts.jsonl")]
    attacks: dict[str, dict[str, Any]] = {}
    for record in truth(http, "event"):
        attack = attacks.setdefault(record["instance_id"], {**record, "events": set()})
        attack["events"].add(record["event_id"])
    console.print(f"\n[bold]{len(alerts)} alerts[/], who · what · when")
    for alert in sorted(alerts, key=lambda alert: (-alert.severity, alert.seen)):
        known = next((one for one in attacks.values() if one["events"] & alert.events), None)
        color = "red" if alert.severity >= 4 else "yellow"
        mark = "[green]planted[/]" if known else "[dim]ordinary administration, worth a look[/]"
        console.print(f"  [{color}]●[/] [bold]{alert.title}[/]   {mark}")
        console.print(f"    {alert.seen}  {alert.message}")
    for attack in attacks.values():
        by = {alert.rule for alert in alerts if alert.events & attack["events"]}
        if missed := set(attack["expected_detections"]) - by:
            raise ClaimFailed(f"{attack['title']} is detected by {sorted(missed)}")
    high = [alert for alert in alerts if alert.severity >= 4]
    if false := [alert.title for alert in high if not any(alert.events & one["events"] for one in attacks.values())]:
        raise ClaimFailed(f"no high alert without an attack: {false}")
    console.print(
        f"  planted attacks detected: [bold]{len(attacks)} of {len(attacks)}[/], false alarms of high severity: [bold]0[/]"
    )


class Alert:
    """An OCSF detection finding, as far as it is shown here."""

    def __init__(self, finding: dict[str, Any]) -> None:
        info = finding["finding_info"]
        self.rule = str(info["analytic"]["uid"])
        self.title = str(info["title"])
        self.message = str(finding["message"])
        self.severity = int(finding["severity_id"])
        self.seen = time.strftime("%d %b %H:%M", time.gmtime(info["first_seen_time"] / 1000))
        self.events = {event["uid"] for event in info["related_events"]}
        self.users = [thing["uid"] for thing in finding.get("resources", ()) if thing.get("type") == "User"]


def respond(url: str) -> str:
    """Suspend the victim of the first planted attack, see it proved, and take it back."""
    user = next(alert.users[0] for alert in map(Alert, read_lines("alerts.jsonl")) if alert.severity >= 4)
    base = [BIN / "connector", "respond", MANIFEST, "--base-url", url, "--out", RESULTS]
    begun = time.perf_counter()
    call(
        [*base, "--action", "suspend_user", "--target", user, "--reason", "demo: password guessed", "--execute"],
        log="respond.log",
    )
    taken = read_lines("actions.jsonl")[-1]
    call([*base, "--undo", taken["id"], "--reason", "demo: cleared", "--execute"], log="respond.log")
    step(
        "response",
        f"{user[:12]}… suspended, proved by read-back, and reactivated",
        time.perf_counter() - begun,
        gap=True,
    )
    return user


def provoke(http: httpx2.Client) -> None:
    """Let something happen at the vendor: refused and granted tokens, each of which the log records."""
    for secret in ("wrong", "wrong", CLIENT[1]):
        http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(CLIENT[0], secret))


def show_second(first: dict[str, Any], second: dict[str, Any], server: dict[str, Any], user: str) -> None:
    """Show that the second run read only what is new, lost nothing and repeated nothing."""
    before, stream = first["streams"]["audit_events"], second["streams"]["audit_events"]
    claim_complete(server, since=stream["total"], first=first)
    if stream["total"] != before["total"] + stream["new"] or stream["new"] < 6:
        raise ClaimFailed(f"the second run adds what is new: {before['total']} + {stream['new']} = {stream['total']}")
    if stream["pages"] > 2:
        raise ClaimFailed(f"the second run reads only what is new: {stream['pages']} pages")
    newest = [orjson.loads(line) for line in tail("raw/audit_events.jsonl", stream["new"])]
    actions = {event["action"] for event in newest}
    if not {"user.suspended", "user.reactivated", "oauth.token.refused"} <= actions:
        raise ClaimFailed(f"the response and the refused tokens are among the new events: {sorted(actions)}")
    if not any(target["id"] == user for event in newest for target in event["targets"]):
        raise ClaimFailed("the new events name the person who was suspended")
    console.print(
        f"  second run: [bold]{stream['new']} new events[/] in {stream['pages']} page"
        f"{'s' if stream['pages'] > 1 else ''}, 0 lost, 0 twice; the hash chain of {server['events']:,} events is unbroken"
    )


def integrity(http: httpx2.Client) -> dict[str, Any]:
    """Ask the vendor how many events there are, with a token of our own."""
    token = http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=CLIENT).json()["access_token"]
    answer = http.get("/v1/audit-events/integrity", headers={"Authorization": f"Bearer {token}"})
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def truth(http: httpx2.Client, kind: str) -> list[dict[str, Any]]:
    """Read what was planted."""
    return [json.loads(line) for line in http.get("/_lab/truth", params={"kind": kind}).text.splitlines()]


def call(command: list[Any], *, log: str) -> None:
    """Run one of our commands, its output into a log."""
    with (OUT / log).open("a") as file:
        done = subprocess.run(
            list(map(str, command)), stdout=file, stderr=subprocess.STDOUT, env=ENVIRONMENT, check=False
        )
    if done.returncode:
        raise ClaimFailed(f"`{Path(command[0]).name} {command[1]}` succeeds: {(OUT / log).read_text().strip()[-600:]}")


def step(who: str, what: str, seconds: float, *, gap: bool = False) -> None:
    """Show one step that was done."""
    console.print(f"{chr(10) if gap else ''}[green]✓[/] [bold]{who:<10}[/] {what} [dim]{seconds:.1f} s[/]")


def read_json(name: str) -> dict[str, Any]:
    """Read a result of the run."""
    found: dict[str, Any] = json.loads((OUT / "run" / name).read_text())
    return found


def read_lines(name: str) -> list[dict[str, Any]]:
    """Read a result of the run, one object a line."""
    return [orjson.loads(line) for line in (OUT / "run" / name).read_bytes().splitlines()]


def tail(name: str, count: int) -> list[bytes]:
    """Give the last lines of a result."""
    return (OUT / "run" / name).read_bytes().splitlines()[-count:]


def lines(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as file:
        return sum(1 for _ in file)


def shown(path: Path) -> str:
    """Write a path as a person in this folder would."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
