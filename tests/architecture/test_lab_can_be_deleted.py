"""The API stands without the lab: in production nothing of it is even imported."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from sandbox.app import create_app
from sandbox.settings import Settings

class Gone:
    def find_spec(self, name, path=None, target=None):
        if name == "sandbox.lab" or name.startswith("sandbox.lab.") or name == "seed" or name.startswith("seed."):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Gone())
app = create_app(Settings(database_url="sqlite://", production=True))
paths = [rule.rule for rule in app.url_map.iter_rules()]
assert "/v1/users" in paths and "/oauth/token" in paths
assert not [path for path in paths if path.startswith("/_lab")]
assert not [name for name in sys.modules if name.startswith(("sandbox.lab", "seed", "faker"))]
print(app.test_client().get("/healthz").status_code)
"""


def test_application_stands_without_the_lab() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("200", 0), done.stderr


def test_start_imports_nothing_heavy() -> None:
    """First answer: Faker, Authlib and the templates' engine wait until somebody needs them."""
    program = (
        "import sys, sandbox.wsgi; print(sorted(n for n in ('faker','authlib','seed','rich') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
