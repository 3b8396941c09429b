"""What every kind of test uses."""

import pytest

from alipay_mini_audit.sandbox import Material


@pytest.fixture(scope="session")
def material() -> Material:
    """Keys and certificates of a sandbox, made once."""
    return Material.generate()
