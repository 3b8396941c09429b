"""What every kind of test uses."""

import os
from pathlib import Path

import pytest
from support.sandbox_material import sandbox_material

from alipay_mini_audit.sandbox import Material

MOST_WORKERS = 4
"""A container often sees more processors than it may use."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Start no workers for one or two files: their start takes longer than the tests."""
    files = [Path(argument.partition("::")[0]) for argument in config.args]
    if len(files) <= 2 and all(file.is_file() for file in files):
        return 0
    return min(os.cpu_count() or 1, MOST_WORKERS)


@pytest.fixture(scope="session")
def material() -> Material:
    """Keys and certificates of a sandbox."""
    return sandbox_material()
