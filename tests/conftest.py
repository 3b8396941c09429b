"""What every kind of test uses."""

import os
from pathlib import Path

import pytest
from Crypto.PublicKey import RSA

from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.pki.authority import (
    certify_alipay,
    certify_app,
    certify_root,
    private_pem,
    public_pem,
)

KEYS = Path(__file__).parent / "vectors" / "keys"
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
    """Keys and certificates of a sandbox.

    The keys are those of the vectors: generating three takes a second or two in each worker.
    """
    app_id = "9021000000000001"
    app, alipay, root = (
        RSA.import_key((KEYS / f"{name}.pkcs8.pem").read_text()) for name in ("app", "alipay", "ca")
    )
    return Material(
        app_id=app_id,
        app_private_key=private_pem(app),
        alipay_private_key=private_pem(alipay),
        alipay_public_key=public_pem(alipay),
        app_certificate=certify_app(app_id, app, root),
        alipay_certificate=certify_alipay(alipay, root),
        root_certificate=certify_root(root),
        ca_private_key=private_pem(root),
    )
