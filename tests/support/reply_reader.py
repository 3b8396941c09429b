"""Reads a reply as an attempt does, without an attempt."""

from alipay_mini_audit.crypto import ContentCipher, Verifier
from alipay_mini_audit.protocol import RawReply, parse_reply, verify_reply


def read_reply(
    raw: RawReply,
    verifier: Verifier,
    *,
    cipher: ContentCipher | None = None,
    may_be_empty: bool = False,
) -> dict[str, object]:
    """Verify, then parse; `verifier` and the rest as for the two functions."""
    verify_reply(raw, verifier)
    return parse_reply(raw, cipher=cipher, may_be_empty=may_be_empty)
