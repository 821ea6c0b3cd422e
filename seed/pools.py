"""Words and strings to draw from: user agents, devices, file names, app names.

Browsers freeze most of their user agent today, so a handful of strings covers a whole company, and one address or one
user agent never identifies a person.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kit:
    """A device with its browser or app: `agents` before and after the update that arrives in mid-history."""

    os: str
    family: str
    agents: tuple[str, str]


_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WINDOWS_FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"
_LINUX_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"
_MAC_SAFARI = f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{{}} Safari/605.1.15"


def _chrome(platform: str) -> tuple[str, str]:
    return (
        f"{platform} {_WEBKIT} Chrome/150.0.0.0 Safari/537.36",
        f"{platform} {_WEBKIT} Chrome/151.0.0.0 Safari/537.36",
    )


def _edge() -> tuple[str, str]:
    before, after = _chrome(_WINDOWS)
    return f"{before} Edg/150.0.0.0", f"{after} Edg/151.0.0.0"


LAPTOPS = (
    (Kit("Windows 11", "Chrome", _chrome(_WINDOWS)), 0.34),
    (Kit("macOS 26", "Chrome", _chrome(_MAC)), 0.20),
    (Kit("Windows 11", "Edge", _edge()), 0.18),
    (Kit("macOS 26", "Safari", (_MAC_SAFARI.format("26.4"), _MAC_SAFARI.format("26.5"))), 0.10),
    (Kit("Ubuntu 26.04", "Firefox", (_LINUX_FIREFOX.format(152), _LINUX_FIREFOX.format(153))), 0.10),
    (Kit("Windows 11", "Firefox", (_WINDOWS_FIREFOX.format(152), _WINDOWS_FIREFOX.format(153))), 0.08),
)

PHONES = (
    (Kit("iOS 26", "Harbor", ("Harbor/8.4.1 (iOS 26.5; Phone)", "Harbor/8.5.0 (iOS 26.5; Phone)")), 0.55),
    (Kit("Android 16", "Harbor", ("Harbor/8.4.0 (Android 16; Phone)", "Harbor/8.5.0 (Android 16; Phone)")), 0.45),
)

SUBJECTS = (
    "Actuator", "Alignment", "Arm", "Assembly", "Audit", "Battery", "Bearing", "Board", "Budget", "Cable", "Campaign",
    "Cell", "Chassis", "Contract", "Controller", "Cost", "Customer", "Demo", "Drive", "Field", "Firmware", "Forecast",
    "Gearbox", "Gripper", "Hiring", "Inspection", "Integration", "Inventory", "Joint", "Kinematics", "Launch", "Lidar",
    "Line", "Logistics", "Maintenance", "Market", "Motor", "Onboarding", "Partner", "Payload", "Pilot", "Pricing",
    "Prototype", "Quality", "Quarter", "Region", "Release", "Research", "Review", "Safety", "Sensor", "Service",
    "Simulation", "Supplier", "Support", "Torque", "Training", "Travel", "Vision", "Warranty", "Welding", "Workshop",
)  # fmt: skip

KINDS = (
    ("plan", "docx"), ("notes", "md"), ("report", "pdf"), ("specification", "docx"), ("model", "step"),
    ("figures", "xlsx"), ("deck", "pptx"), ("drawing", "dxf"), ("checklist", "xlsx"), ("results", "csv"),
    ("minutes", "docx"), ("proposal", "pdf"), ("recording", "mp4"), ("photo", "jpg"), ("log", "txt"), ("archive", "zip"),
)  # fmt: skip

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "md": "text/markdown", "pdf": "application/pdf", "step": "model/step", "dxf": "image/vnd.dxf", "csv": "text/csv",
    "mp4": "video/mp4", "jpg": "image/jpeg", "txt": "text/plain", "zip": "application/zip",
}  # fmt: skip

FOLDERS = ("/", "/", "/Drafts", "/Plans", "/Reviews", "/Reference", "/2026", "/2026/Archive")

PROJECTS = (
    "Albatross", "Bramble", "Cinder", "Driftwood", "Estuary", "Foxglove", "Granite", "Hawthorn", "Isobar", "Juniper",
    "Kelp", "Lantern", "Marble", "Nightjar", "Obsidian", "Periwinkle", "Quartz", "Rowan", "Saffron", "Tamarind",
)  # fmt: skip

RECIPIENTS = tuple(
    f"{name}@{domain}"
    for domain in ("brightforge.example", "solanomotion.example", "kestrelaudit.example", "ondine.example")
    for name in ("projects", "contracts", "engineering", "office")
)
"""Outside mailboxes that people share with: the allow-listed partners."""
