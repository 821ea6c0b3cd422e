"""`connector report`, as typed."""

from __future__ import annotations

from click.testing import CliRunner

from reference_connector.commands.report import command
from reference_connector.errors import FixManifest
from tests.reference_connector.conftest import SANDBOX_MANIFEST
from tests.reference_connector.report.conftest import Folder
from tests.reference_connector.report.reader import read


def test_command_writes_the_page_and_says_where(full_folder: Folder) -> None:
    result = CliRunner().invoke(command, [str(SANDBOX_MANIFEST), "--out", str(full_folder.out)])
    assert result.output == f"report: {full_folder.out / 'report.html'}\n"
    assert "Impossible travel" in read((full_folder.out / "report.html").read_text()).text


def test_command_refuses_a_folder_that_is_not_there(folder: Folder) -> None:
    result = CliRunner().invoke(command, [str(SANDBOX_MANIFEST), "--out", str(folder.out)])
    assert isinstance(result.exception, FixManifest)
    assert not folder.out.exists()
