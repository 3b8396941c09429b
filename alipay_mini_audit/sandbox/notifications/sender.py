"""`Sender`: one attempt at one letter, from the signature to the verdict on the answer."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Final, final

import attrs
from Crypto.PublicKey import RSA
from yarl import URL

from alipay_mini_audit.sandbox.notifications.answers import answers_check, is_success
from alipay_mini_audit.sandbox.notifications.deliveries import KEPT, Delivery
from alipay_mini_audit.sandbox.notifications.forgery import change_byte
from alipay_mini_audit.sandbox.notifications.messages import CHECK
from alipay_mini_audit.sandbox.notifications.outbox import Letter
from alipay_mini_audit.sandbox.notifications.posting import Answer, post
from alipay_mini_audit.sandbox.notifications.signing import encode_form, text_to_sign
from alipay_mini_audit.sandbox.pki.keyring import Keyring
from alipay_mini_audit.sandbox.protocol.replies import ReplySigner

__all__ = ["Sender"]

_CHECK_LIMIT: Final = 16_384
"""Bytes of the answer to a check: a key, a signature, and room."""


@final
class Sender:
    """Signs with the platform's present key, and sends.

    Args:
        keys: returns the platform's keys.
    """

    def __init__(self, keys: Callable[[], Keyring]) -> None:
        self._keys = keys

    async def send(self, letter: Letter, begun: Delivery, *, url: URL, seconds: float) -> Delivery:
        """Make an attempt.

        Args:
            letter: what is sent.
            begun: the record of the attempt.
            url: of the receiver.
            seconds: how long the receiver may take.

        Returns:
            The record, with what came of it.
        """
        form = await asyncio.to_thread(self._form, letter)
        is_check = letter.message.name == CHECK
        answer = await post(
            url,
            form,
            charset=letter.message.charset,
            seconds=seconds,
            limit=_CHECK_LIMIT if is_check else KEPT,
        )
        judge = self._opens if is_check else _arrived
        return attrs.evolve(
            begun,
            status=answer.status,
            answer=answer.body[:KEPT],
            problem=answer.problem,
            counted=answer.problem is None and await asyncio.to_thread(judge, answer),
        )

    def _form(self, letter: Letter) -> bytes:
        """Return the body. Blocking, some milliseconds."""
        signer = self._keys().identity().signer
        if letter.forged == "wrong_key":
            signer = ReplySigner(_parsed(self._keys().material.app_private_key), signer.alipay_sn)
        sign = signer.sign(text_to_sign(letter.message))
        message = letter.message
        if letter.forged == "changed_byte":
            message = change_byte(message, letter.draw)
        return encode_form(message.fields, sign)

    def _opens(self, answer: Answer) -> bool:
        key = _parsed(self._keys().material.app_private_key)
        return answers_check(answer.status, answer.body, key.public_key())


def _arrived(answer: Answer) -> bool:
    return is_success(answer.status, answer.body)


@functools.lru_cache(maxsize=4)
def _parsed(private_key: str) -> RSA.RsaKey:
    return RSA.import_key(private_key)
