"""The protocols that users implement."""

from pathlib import Path

import pytest

from alipay_mini_audit.crypto import CertificateVerifier, RSASigner, RSAVerifier, Signer, Verifier


def test_the_shipped_classes_fulfil_the_protocols(keys: Path) -> None:
    certificates = keys.parent / "certificates"
    assert isinstance(RSASigner(keys / "app.pkcs8.pem"), Signer)
    assert isinstance(RSAVerifier(keys / "alipay.public.pem"), Verifier)
    verifier = CertificateVerifier(certificates / "alipay.crt", certificates / "root.crt")
    assert isinstance(verifier, Verifier)


@pytest.mark.parametrize("thing", [object(), None, b"key", len])
def test_what_neither_signs_nor_verifies_fulfils_none(thing: object) -> None:
    assert not isinstance(thing, Signer | Verifier)
