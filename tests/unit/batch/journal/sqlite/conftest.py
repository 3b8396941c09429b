"""What the tests of the journal on disk share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from alipay_mini_audit.batch.journal.row import Claim, Identity
from alipay_mini_audit.batch.journal.sqlite.file import JournalFile, open_journal

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be; nothing is there."""
    return tmp_path / "night.journal"


@pytest.fixture
def file(path: Path) -> Iterator[JournalFile]:
    """An open journal."""
    file = open_journal(path)
    yield file
    file.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Gives up the rights of root, for which no file is read-only."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


def claim_of(key: str) -> Claim:
    return Claim(identity=Identity(key, "0.0.1"), mini_app=f"app of {key}")
