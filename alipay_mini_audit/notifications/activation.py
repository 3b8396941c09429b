"""`alipay.service.check`: the console asks whether the application gateway is there.

Asked with `biz_content` in XML and without a `notify_id`; answered in XML, signed by the
application. Sources: PR #23 of the official Node SDK, which quotes docs.open.alipay.com/197/105240,
and Alipay's old PHP demo of a gateway. They differ in the order of the elements and in the charset
that the answer names: it is ASCII, so that any charset holds.
"""

from __future__ import annotations

from typing import Final, final
from xml.parsers import expat

import attrs

from alipay_mini_audit.crypto import Signer
from alipay_mini_audit.notifications.messages import AnyNotification, OtherNotification
from alipay_mini_audit.notifications.signing import base64_signature

__all__ = ["SERVICE", "GatewayCheck", "activation_answer", "read_check"]

SERVICE: Final = "alipay.service.check"
_EVENT: Final = "verifygw"
_DEEPEST: Final = 8


@final
@attrs.frozen
class GatewayCheck:
    """What the console asks.

    Attributes:
        app_id: whose gateway it is; empty if it does not say.
    """

    app_id: str


def read_check(notification: AnyNotification) -> GatewayCheck | None:
    """Return the question in a notification; `None` if it is another one.

    Args:
        notification: one that has been verified.
    """
    if not isinstance(notification, OtherNotification) or notification.method != SERVICE:
        return None
    elements = _elements_of(notification.fields.get("biz_content", ""))
    if elements.get("EventType") != _EVENT:
        return None
    return GatewayCheck(elements.get("AppId", ""))


async def activation_answer(app_public_key: str, signer: Signer) -> bytes:
    """Return the answer that activates the gateway.

    Args:
        app_public_key: base64 of the application's public key, without PEM lines.
        signer: of the credentials; it signs nothing that anybody else has written.

    Raises:
        SigningError: it failed.
    """
    inner = f"<success>true</success><biz_content>{app_public_key}</biz_content>"
    signature = await base64_signature(inner.encode("ascii"), signer)
    return (
        '<?xml version="1.0" encoding="GBK"?>'
        f"<alipay><response>{inner}</response><sign>{signature}</sign>"
        "<sign_type>RSA2</sign_type></alipay>"
    ).encode("ascii")


def _elements_of(xml: str) -> dict[str, str]:
    """Return the texts of elements by name; nothing of what is not XML, or declares entities."""
    parser = expat.ParserCreate()
    path: list[str] = []
    texts: dict[str, str] = {}

    def begin(name: str, _: object) -> None:
        """Enter an element."""
        path.append(name)
        if len(path) > _DEEPEST:
            raise ValueError

    def text(data: str) -> None:
        """Take a piece of the text of the element that is open."""
        texts[path[-1]] = texts.get(path[-1], "") + data

    def refuse(*_: object) -> None:
        """Stop at a declaration of a document type, which may declare entities."""
        raise ValueError

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)  # noqa: FBT003  # it takes no keyword
    except (expat.ExpatError, ValueError):
        return {}
    return {name: value.strip() for name, value in texts.items()}
