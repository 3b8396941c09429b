"""What a signer and a verifier have to offer. Shapes only."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["Signer", "Verifier"]


@runtime_checkable
class Signer(Protocol):
    """Makes the signature of a request; implement it to keep the key in an HSM or a key service."""

    async def sign(self, message: bytes) -> bytes:
        """Return the raw RSASSA-PKCS1-v1_5 SHA-256 signature of `message`.

        It is awaited once for each attempt. Whatever it raises becomes a `SigningError`.
        """
        ...


@runtime_checkable
class Verifier(Protocol):
    """Decides whether a reply was signed by Alipay.

    It is called and not awaited: an `async def verify` is refused when credentials are made.
    """

    def verify(self, message: bytes, signature: bytes, *, alipay_cert_sn: str | None) -> None:
        """Return `None` if `signature` is Alipay's signature of `message`.

        Whatever else it returns, `True` too, counts as a refusal, and so does whatever it raises.

        Args:
            message: timestamp, nonce and raw body of the reply, each ended by a line feed.
            signature: the raw signature, already out of base64.
            alipay_cert_sn: header `alipay-sn`; `None` if the reply has none, as in key mode.

        Raises:
            UntrustedReply: it is not.
        """
        ...
