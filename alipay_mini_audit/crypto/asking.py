"""Asks a verifier, which may be anybody's, and takes nothing but its silence for a yes."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from alipay_mini_audit.crypto.interfaces import Verifier
from alipay_mini_audit.errors import UntrustedReply

__all__ = ["expect_signature"]


def expect_signature(
    verifier: Verifier, message: bytes, signature: bytes, *, alipay_cert_sn: str | None
) -> None:
    """Return if the verifier says that it is Alipay's signature.

    Args:
        verifier: whoever decides.
        message: the text that was signed.
        signature: the raw signature.
        alipay_cert_sn: the certificate that is named; `None` for none.

    Raises:
        UntrustedReply: it says anything else, or raises.
    """
    try:
        verify: Callable[..., object] = verifier.verify
        verdict = verify(message, signature, alipay_cert_sn=alipay_cert_sn)
    except UntrustedReply:
        raise
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a CancelledError too: nothing is awaited here
        raise UntrustedReply(f"The verifier failed: {type(error).__name__}.") from error
    if verdict is not None:
        if inspect.iscoroutine(verdict):
            verdict.close()  # nobody awaits it
        raise UntrustedReply(
            f"The verifier returned an object of type {type(verdict).__name__}, not None.",
            advice="A verifier returns None for Alipay's signature and else raises UntrustedReply.",
        )
