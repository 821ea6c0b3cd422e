"""`docs/howto/receive-webhooks.md` works as it stands, with two workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.howto import follow
from tests.live import serving


@pytest.mark.sockets
@pytest.mark.enable_socket
def test_howto_runs_as_it_stands(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path / 'mini.sqlite'}", tmp_path, workers=2) as url:
        follow("receive-webhooks.md", url)
