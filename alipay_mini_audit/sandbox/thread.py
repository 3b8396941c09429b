"""`SandboxThread`: a gateway for tests that have no event loop."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar, final

import attrs

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.business.arrivals import Arrival
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.faults.faults import Faults
from alipay_mini_audit.sandbox.gateway import SandboxGateway
from alipay_mini_audit.sandbox.notifications.notifications import Notifications
from alipay_mini_audit.sandbox.pki.material import Material

__all__ = ["SandboxThread"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


@attrs.frozen
class _Running:
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


def _on_the_loop(
    method: Callable[Concatenate[SandboxGateway, _P], _T],
) -> Callable[Concatenate[SandboxThread, _P], _T]:
    """Return the same method of `SandboxThread`."""

    @functools.wraps(method)
    def call(self: SandboxThread, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call it on the gateway's loop."""  # `wraps` puts the method's own in its place
        return self._perform(lambda: method(self._gateway, *args, **kwargs))

    return call


@final
class SandboxThread:
    """A gateway in a thread of its own, with an event loop of its own, for synchronous tests.

    Usage: `with SandboxThread(SandboxGateway()) as sandbox: ...`. Whatever it offers is that of the
    gateway, may be called from any thread, and is done in the gateway's thread while the caller
    waits. After the end it still tells what became of everything.

    What a gateway does slowly has a fault in its place: `Fault.RESET` with `times=None` for a
    platform that is away, `Fault.CERTIFICATE_CHANGE` for another certificate.

    Args:
        gateway: one that is not running; from now on only this object uses it.
    """

    def __init__(self, gateway: SandboxGateway) -> None:
        self._gateway = gateway
        self._lock = threading.Lock()
        """Held while the thread starts, ends, or works for somebody."""
        self._thread: threading.Thread | None = None
        self._running: _Running | None = None

    status = _on_the_loop(SandboxGateway.status)
    accepted = _on_the_loop(SandboxGateway.accepted)
    decide = _on_the_loop(SandboxGateway.decide)
    build = _on_the_loop(SandboxGateway.build)
    end_token = _on_the_loop(SandboxGateway.end_token)
    mini_app_id = _on_the_loop(SandboxGateway.mini_app_id)
    certificate_of = _on_the_loop(SandboxGateway.certificate_of)

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose: `sandbox.faults.add(Fault.HANG, operation="apply")`."""
        return self._gateway.faults

    @property
    def notifications(self) -> Notifications:
        """What the platform tells the app of verdicts, and what goes wrong with it on purpose.

        `asyncio.run(sandbox.notifications.deliver())` waits until what is due has been sent.
        """
        return self._gateway.notifications

    @property
    def base_url(self) -> str:
        """Scheme, host and port.

        Raises:
            ConfigurationError: it is not running.
        """
        return self._perform(lambda: self._gateway.base_url)

    @property
    def material(self) -> Material:
        """The keys and certificates in use; another value after a change of certificate.

        Raises:
            ConfigurationError: none were given, and it has not been started yet.
        """
        return self._perform(lambda: self._gateway.material)

    @property
    def credentials(self) -> Credentials:
        """What a client needs to call this gateway in key mode.

        Raises:
            ConfigurationError: there are no keys yet, or one is unusable.
        """
        return self._perform(lambda: self._gateway.credentials)

    @property
    def certificate_credentials(self) -> Credentials:
        """What a client needs in certificate mode; it knows the present certificate only.

        Raises:
            ConfigurationError: there are no keys yet, or a client refuses the certificates.
        """
        return self._perform(lambda: self._gateway.certificate_credentials)

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Every accepted apply, oldest first."""
        return self._perform(lambda: self._gateway.submissions)

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """Every call that came whole and would move a version, accepted or not, as judged."""
        return self._perform(lambda: self._gateway.arrivals)

    @property
    def calls(self) -> int:
        """How many requests have come since the first start, whatever became of them."""
        return self._perform(lambda: self._gateway.calls)

    def __enter__(self) -> Self:
        """Start the thread, and return when the gateway answers.

        Raises:
            ConfigurationError: it is running already, the keys are unusable, or the address is
                taken.
        """
        with self._lock:
            if self._thread is not None:
                raise ConfigurationError("gateway", "this sandbox is running already.")
            started: Future[_Running] = Future()
            self._thread = threading.Thread(
                target=self._run, args=(started,), name="alipay-sandbox", daemon=True
            )
            self._thread.start()
            try:
                self._running = started.result()
            except Exception:
                self._thread.join()
                self._thread = None
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the gateway, and return when its thread has ended."""
        with self._lock:
            if self._running is None or self._thread is None:
                return
            self._running.loop.call_soon_threadsafe(self._running.stop.set)
            self._thread.join()
            self._running = self._thread = None

    def _perform(self, work: Callable[[], _T]) -> _T:
        """Do `work` where nothing else touches the gateway meanwhile, and return its result."""
        if threading.current_thread() is self._thread:  # e.g. the `when` of a fault asks
            return work()

        async def perform() -> _T:
            """Do it in the loop's thread."""
            return work()

        with self._lock:
            if self._running is None:
                return work()
            return asyncio.run_coroutine_threadsafe(perform(), self._running.loop).result()

    def _run(self, started: Future[_Running]) -> None:
        try:
            asyncio.run(self._serve(started))
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _serve(self, started: Future[_Running]) -> None:
        async with self._gateway:
            running = _Running(asyncio.get_running_loop(), asyncio.Event())
            started.set_result(running)
            await running.stop.wait()
