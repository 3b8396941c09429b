"""Whether a request is what it claims to be: app, clock, certificates, signature, nonce.

The checks come in the platform's order; the app id is looked up before the signature is verified.
No I/O here.
"""

from __future__ import annotations

import base64
import binascii
import heapq
from collections.abc import Mapping
from typing import Final, final

import attrs
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from alipay_mini_audit.sandbox.protocol.authorization import Authorization, read_authorization
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

__all__ = ["Caller", "Judge", "Nonces"]

_WINDOW_MS: Final = 600_000
_TOKEN: Final = "alipay-app-auth-token"  # noqa: S105  # the name of a header
_ROOT_SN: Final = "alipay-root-cert-sn"


@final
@attrs.frozen(kw_only=True)
class Caller:
    """Who claims to call; true once the signature is verified.

    Attributes:
        authorization: the header as read.
        app_auth_token: the merchant's token; `None` if the app calls for itself.
    """

    authorization: Authorization = attrs.field(repr=False)
    app_auth_token: str | None = attrs.field(default=None, repr=False)

    @property
    def owner(self) -> str:
        """Whose versions are meant: the merchant behind the token, or the app itself."""
        return self.app_auth_token or self.authorization.app_id

    @property
    def by_certificate(self) -> bool:
        """Whether the request came in certificate mode."""
        return self.authorization.app_cert_sn is not None


@final
class Nonces:
    """The nonces of the last minutes.

    One is forgotten when its timestamp would be refused anyway.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._expiries: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._seen)

    def use(self, nonce: str, expiry_ms: int, now_ms: float) -> bool:
        """Remember a nonce.

        Args:
            nonce: the text.
            expiry_ms: when it may be forgotten, in milliseconds since 1970.
            now_ms: the present, in milliseconds since 1970.

        Returns:
            `False` if it was used before.
        """
        while self._expiries and self._expiries[0][0] < now_ms:
            self._seen.discard(heapq.heappop(self._expiries)[1])
        if nonce in self._seen:
            return False
        self._seen.add(nonce)
        heapq.heappush(self._expiries, (expiry_ms, nonce))
        return True


@final
class Judge:
    """Judges requests for one app.

    Args:
        app_id: the only app id that is known.
        public_key: the app's public key, PEM.
        app_cert_sn: serial number of the app's certificate.
        alipay_root_cert_sn: serial number of the root certificates.
    """

    def __init__(
        self, *, app_id: str, public_key: str, app_cert_sn: str, alipay_root_cert_sn: str
    ) -> None:
        self._app_id = app_id
        self._key = RSA.import_key(public_key)
        self._app_cert_sn = app_cert_sn
        self._alipay_root_cert_sn = alipay_root_cert_sn
        self._nonces = Nonces()

    def identify(self, headers: Mapping[str, str], now: float) -> Caller:
        """Check what can be checked before the body is here.

        Args:
            headers: of the request, names in lower case.
            now: the platform's clock, seconds since 1970.

        Raises:
            Refusal: the header is wrong, the app or a certificate unknown, or a clock is off.
        """
        authorization = read_authorization(headers.get("authorization"))
        if authorization.app_id != self._app_id:
            raise Refusal("invalid-app-id")
        if abs(now * 1000 - authorization.timestamp_ms) > _WINDOW_MS:
            raise Refusal("illegal-timestamp")
        if authorization.app_cert_sn not in (None, self._app_cert_sn):
            raise Refusal("app-cert-not-exist")
        if headers.get(_ROOT_SN, self._alipay_root_cert_sn) != self._alipay_root_cert_sn:
            raise Refusal("invalid-alipay-root-cert-sn")
        if headers.get(_TOKEN) == "":
            raise Refusal("invalid-app-auth-token")
        return Caller(authorization=authorization, app_auth_token=headers.get(_TOKEN))

    def verify(self, caller: Caller, method: str, target: str, body: bytes, now: float) -> None:
        """Verify the signature over exactly what was received, then use up the nonce.

        Args:
            caller: from `identify`.
            method: HTTP method.
            target: path and query as on the wire.
            body: the whole body, or the content of the part `data` of an upload.
            now: the platform's clock, seconds since 1970.

        Raises:
            Refusal: the signature is wrong, or the nonce was used before.
        """
        authorization = caller.authorization
        lines = [_raw(authorization.text), method.encode(), _raw(target), body]
        if caller.app_auth_token is not None:
            lines.append(_raw(caller.app_auth_token))
        message = b"".join(line + b"\n" for line in lines)
        try:
            signature = base64.b64decode(_raw(authorization.signature), validate=True)
            pkcs1_15.new(self._key).verify(SHA256.new(message), signature)
        except (binascii.Error, ValueError):
            raise Refusal("invalid-signature") from None
        # Remembered only now: a forger could otherwise use up the nonces of others.
        expiry_ms = authorization.timestamp_ms + _WINDOW_MS
        if not self._nonces.use(authorization.nonce, expiry_ms, now * 1000):
            raise Refusal("invalid-parameter", "nonce was used before.")


def _raw(text: str) -> bytes:
    """Return the bytes that the HTTP parser decoded to this text."""
    return text.encode("utf-8", "surrogateescape")
