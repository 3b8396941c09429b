"""Keys and certificates of a sandbox, without the time that new keys take."""

import functools
from pathlib import Path

from Crypto.PublicKey import RSA

from alipay_mini_audit.sandbox import Material
from alipay_mini_audit.sandbox.pki.authority import (
    certify_alipay,
    certify_app,
    certify_root,
    private_pem,
    public_pem,
)

KEYS = Path(__file__).parents[1] / "vectors" / "keys"


@functools.cache
def sandbox_material() -> Material:
    """The keys are those of the vectors: generating three takes a second or two."""
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
