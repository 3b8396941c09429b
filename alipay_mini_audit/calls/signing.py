"""Who signs a request, where, and in which queue."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import final

from alipay_mini_audit.concurrency import ClosableWaits, StepLimiter
from alipay_mini_audit.crypto import RSASigner, Signer
from alipay_mini_audit.errors import SigningError
from alipay_mini_audit.protocol import Request
from alipay_mini_audit.transport import closed_client

__all__ = ["RequestSigning"]


@final
class RequestSigning:
    """Has the requests of a client signed.

    A quick local key signs on the loop, as one of its long steps; a slow local key signs in a
    worker thread, one signature at a time; a signer of the user's is awaited.

    Args:
        signer: of the client's credentials.
        steps: long steps on the loop.
    """

    def __init__(self, signer: Signer, steps: StepLimiter) -> None:
        self._signer = signer
        self._steps = steps
        self._one_at_a_time = asyncio.Lock()
        self._waits = ClosableWaits()

    def close(self) -> None:
        """Wait for no signature any longer."""
        self._waits.close()

    async def sign(self, request: Request, seconds: float, deadline: float) -> bytes:
        """Return the raw signature of a request.

        Args:
            request: what is signed.
            seconds: for the signer itself; waiting for other signatures does not count.
            deadline: when the whole call must be over, in the time of the event loop.

        Raises:
            SigningError: the signer failed, took too long, or returned something other than bytes.
            ConfigurationError: the client was closed meanwhile.
        """
        if self._waits.is_closed:
            raise closed_client()
        message = request.string_to_sign.encode()
        with self._waits.until(deadline) as whole_call:
            signature = await self._signature_of(message, seconds, whole_call)
        if not isinstance(signature, bytes) or not signature:
            raise SigningError("The signer returned no signature: expected bytes.")
        return signature

    async def _signature_of(
        self, message: bytes, seconds: float, whole_call: asyncio.Timeout
    ) -> bytes:
        task = asyncio.current_task()
        try:
            async with whole_call, self._queue(), asyncio.timeout(seconds):
                return await self._make(message)
        except TimeoutError:
            if self._waits.is_closed:
                raise closed_client() from None
            if whole_call.expired():
                raise SigningError("The time of the call was over before it was signed.") from None
            raise SigningError("The signer gave no signature in time.") from None
        except asyncio.CancelledError as error:
            if task is not None and task.cancelling():
                raise
            raise SigningError("The signer cancelled itself.") from error
        except Exception as error:
            raise SigningError(f"The signer failed: {type(error).__name__}.") from error

    async def _make(self, message: bytes) -> bytes:
        signer = self._signer
        if isinstance(signer, RSASigner) and not signer.is_quick:
            return await asyncio.to_thread(signer.sign_blocking, message)
        return await signer.sign(message)

    def _queue(self) -> AbstractAsyncContextManager[None]:
        signer = self._signer
        if not isinstance(signer, RSASigner):
            return nullcontext()
        # CPU-bound threads hold the GIL, so several at once would only keep it from the loop.
        return self._steps if signer.is_quick else self._one_at_a_time
