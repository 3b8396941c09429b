"""Whether a form is signed by the platform.

The signature of notifications is an older one than that of OpenAPI v3: over the fields by name,
`name=value` joined with `&`, in the bytes of the form's charset. The SDKs know two rules, "V1"
without `sign` and `sign_type`, and "V2" without `sign` alone; which one holds differs from message
to message (so the official Node SDK tries both). Empty values are a part of the text, as in the
official SDKs for Java, PHP and Node; the one for C# leaves them out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Final

from alipay_mini_audit.crypto import CertificateVerifier, Verifier
from alipay_mini_audit.crypto.asking import expect_signature
from alipay_mini_audit.errors import RejectionReason, UntrustedReply
from alipay_mini_audit.notifications.rejections import rejected

__all__ = ["texts_to_verify", "verify_form"]

_SIGN_TYPE: Final = b"RSA2"


def verify_form(fields: Mapping[bytes, bytes], verifier: Verifier) -> None:
    """Return if the platform has signed a form.

    No field tells which certificate it was signed by, so all that the verifier knows are tried.

    Args:
        fields: as `read_form` returns them.
        verifier: of the credentials.

    Raises:
        NotificationRejected: it has not, not with RSA2, or not in base64 as it is written: neither
            `sign` nor `sign_type` need be under the signature.
    """
    if fields.get(b"sign_type") != _SIGN_TYPE:
        raise rejected(RejectionReason.SIGN_TYPE)
    signature = _signature_of(fields.get(b"sign", b""))
    if not signature:
        raise rejected(RejectionReason.SIGNATURE)
    serial_numbers: Iterable[str | None] = (None,)
    if isinstance(verifier, CertificateVerifier):
        serial_numbers = verifier.serial_numbers
    refusal: UntrustedReply | None = None
    for text in texts_to_verify(fields):
        for serial_number in serial_numbers:
            try:
                expect_signature(verifier, text, signature, alipay_cert_sn=serial_number)
            except UntrustedReply as error:
                refusal = error
            else:
                return
    raise rejected(RejectionReason.SIGNATURE) from refusal


def texts_to_verify(fields: Mapping[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return what the platform may have signed: without `sign_type`, and with it."""
    return _text(fields, without=(b"sign", b"sign_type")), _text(fields, without=(b"sign",))


def _text(fields: Mapping[bytes, bytes], *, without: tuple[bytes, ...]) -> bytes:
    names = sorted(fields.keys() - set(without))
    return b"&".join(name + b"=" + fields[name] for name in names)


def _signature_of(text: bytes) -> bytes:
    try:
        signature = binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        return b""
    return signature if base64.b64encode(signature) == text else b""
