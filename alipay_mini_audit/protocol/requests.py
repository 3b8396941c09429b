"""A request before it is signed: the exact texts, and the headers that go with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NoReturn, Protocol
from urllib.parse import urlencode

import attrs

from alipay_mini_audit._version import __version__
from alipay_mini_audit.attachments import FilePart
from alipay_mini_audit.crypto import ContentCipher
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.problems import told
from alipay_mini_audit.protocol.authorization import auth_string, authorization, string_to_sign
from alipay_mini_audit.protocol.operations import Operation

__all__ = ["Caller", "Content", "Request", "json_text", "query_target"]

_USER_AGENT: Final = f"alipay-mini-audit/{__version__}"
_JSON: Final = "application/json"
_ENCRYPTED: Final = "text/plain"

_NO_JSON: Final = (
    ("this is not a JSON object: {error}.", ""),
    ("不是 JSON 对象：{error}。", ""),
)


@attrs.frozen
class Caller:
    """Who calls: the same for every request of a client or view.

    Attributes:
        app_id: the calling application.
        app_cert_sn: serial number of its certificate; `None` in key mode.
        alipay_root_cert_sn: serial number of the root certificates; `None` in key mode.
        app_auth_token: token of the merchant that is called for; `None` for the application itself.
    """

    app_id: str
    app_cert_sn: str | None = None
    alipay_root_cert_sn: str | None = None
    app_auth_token: str | None = attrs.field(default=None, repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Caller may hold a token and is not pickled")


class Content(Protocol):
    """What is sent, the same in every attempt: a prepared call."""

    @property
    def operation(self) -> Operation:
        """Which call."""
        ...

    @property
    def target(self) -> str:
        """Path and query, exactly as they go on the wire."""
        ...

    @property
    def body(self) -> str:
        """The JSON text, of an upload part `data`; empty if there is none."""
        ...

    @property
    def files(self) -> tuple[FilePart, ...]:
        """File parts of an upload, in the order of sending; never signed."""
        ...


@attrs.frozen(kw_only=True)
class Request:
    """One attempt of a call, ready to be signed.

    Attributes:
        call: what is sent.
        caller: who calls.
        cipher: encrypts the body, and will decrypt the reply; `None` sends it as it is.
        request_id: header `alipay-request-id`: at most 32 of letters, digits, `-` and `_`.
        nonce: a text that was never used before.
        timestamp_ms: milliseconds since 1970.
        body: the text that is signed and sent: the JSON text of the call, or its ciphertext.
    """

    call: Content
    caller: Caller
    cipher: ContentCipher | None = None
    request_id: str
    nonce: str
    timestamp_ms: int
    body: str = attrs.field(init=False, repr=False)

    @body.default
    def _make_body(self) -> str:
        text = self.call.body
        return self.cipher.encrypt(text) if self.cipher is not None and text else text

    @property
    def auth_string(self) -> str:
        """The signed part of header `Authorization`."""
        caller = self.caller
        return auth_string(
            app_id=caller.app_id,
            app_cert_sn=caller.app_cert_sn,
            nonce=self.nonce,
            timestamp_ms=self.timestamp_ms,
        )

    @property
    def string_to_sign(self) -> str:
        """The text that is signed. It holds the whole body, and the token if there is one."""
        return string_to_sign(
            self.auth_string,
            self.call.operation.method,
            self.call.target,
            self.body,
            self.caller.app_auth_token,
        )

    @property
    def content_type(self) -> str:
        """Media type of `body`."""
        return _JSON if self.cipher is None else _ENCRYPTED

    def headers(self, signature: bytes) -> dict[str, str]:
        """Return the headers of the signed request; those that frame a multipart body are added.

        Args:
            signature: the raw signature of `string_to_sign`.
        """
        headers = {
            "Authorization": authorization(self.auth_string, signature),
            "Accept": _JSON,
            "Accept-Encoding": "identity",  # the signature of a reply is over the bytes as sent
            "User-Agent": _USER_AGENT,
            "alipay-request-id": self.request_id,
        }
        if self.body and not self.call.operation.is_upload:
            headers["Content-Type"] = self.content_type
        if self.cipher is not None:
            headers["alipay-encrypt-type"] = "AES"
        if self.caller.alipay_root_cert_sn is not None:
            headers["alipay-root-cert-sn"] = self.caller.alipay_root_cert_sn
        if self.caller.app_auth_token is not None:
            headers["alipay-app-auth-token"] = self.caller.app_auth_token
        return headers


def json_text(body: Mapping[str, object]) -> str:
    """Return the JSON text that is signed and sent: UTF-8 as it is, no blanks.

    Raises:
        ValidationError: a value is not a JSON value.
    """
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        problem = told("body", "not_json", *_NO_JSON, values={"error": type(error).__name__})
        raise ValidationError([problem]) from None
    return text


def query_target(path: str, query: Mapping[str, str | None] | None) -> str:
    """Return path and query as they are signed and sent; values that are `None` are left out."""
    pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
    return f"{path}?{urlencode(pairs)}" if pairs else path
