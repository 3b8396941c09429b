"""`ClientBase`: construction, views and the end of a client; the calls are made on top of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs

from alipay_mini_audit.calls import Answer, CallOptions, CallRunner, CallSpec, NoToken
from alipay_mini_audit.client.arguments import expect, expect_observers, options_with
from alipay_mini_audit.client.async_only import AsyncOnly
from alipay_mini_audit.client.watches import Watches
from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.events import Observer
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.retry import RetryPolicy
from alipay_mini_audit.transport import ClientSession, Transport

if TYPE_CHECKING:
    from alipay_mini_audit.client.watching import ClientWatch

__all__ = ["ClientBase"]


class ClientBase(AsyncOnly):
    """Holds what the calls of a client share. The arguments are those of `AuditClient`."""

    def __init__(
        self,
        credentials: Credentials,
        config: ClientConfig | None = None,
        *,
        session: ClientSession | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        expect("credentials", credentials, Credentials, "Credentials")
        expect("config", config, ClientConfig | None, "a ClientConfig or None")
        expect("session", session, ClientSession | None, "an aiohttp.ClientSession or None")
        expect_observers(observers)
        self._credentials = credentials
        self._config = ClientConfig() if config is None else config
        self._resources = UploadResources(buffers=BufferPool(self._config.chunk_size))
        self._transport = Transport(self._config, self._resources, session)
        self._runner = CallRunner(
            credentials,
            self._transport,
            self._resources,
            observers,
            check_freshness=self._config.check_freshness,
        )
        self._options = CallOptions(
            self._config.timeouts, self._config.retry, preflight=self._config.preflight
        )
        self._watches = Watches()
        self._is_view = False

    def with_options(
        self,
        *,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        preflight: Preflight | None = None,
        label: str | None = None,
    ) -> Self:
        """Return a view: the same session with other options. It lives as long as its client.

        Args:
            app_auth_token: token of the merchant that is called for; `NO_TOKEN` calls for the
                application itself; `None` keeps what there is.
            timeouts: seconds for each phase; `None` keeps what there is.
            retry: what to do after a failed attempt; `None` keeps what there is.
            preflight: what is checked before a submission; `None` keeps what there is.
            label: any text that you want to see again in every event, e.g. a merchant or an order;
                it is written to logs. `None` keeps what there is.

        Raises:
            ValidationError: the token has characters that no token has.
        """
        options = self._options_with(app_auth_token, timeouts, preflight)
        expect("retry", retry, RetryPolicy | None, "a RetryPolicy or None")
        expect("label", label, str | None, "a text or None")
        view = object.__new__(type(self))
        view.__dict__.update(
            self.__dict__,
            _options=attrs.evolve(
                options,
                retry=options.retry if retry is None else retry,
                label=options.label if label is None else label,
            ),
            _is_view=True,
        )
        return view

    async def aclose(self, grace: float = 0.0) -> None:
        """Close the client, unless this is a view: refuse new calls, break off those under way.

        What is broken off raises an error that knows its outcome. A session of yours stays open.
        May be called again.

        Args:
            grace: seconds that calls under way may still take; 0 by default. After that it ends
                within a second, whatever the peers do.
        """
        expect("grace", grace, int | float, "a number of seconds")
        if self._is_view:
            return
        try:
            self._watches.close()
            await self._transport.drain(grace)
        finally:
            self._runner.stop_waiting()
            await asyncio.gather(self._transport.aclose(), self._runner.aclose())

    async def _make(
        self,
        spec: CallSpec,
        app_auth_token: str | NoToken | None,
        timeouts: Timeouts | None,
        preflight: Preflight | None = None,
    ) -> Answer:
        options = self._options_with(app_auth_token, timeouts, preflight)
        with self._transport.under_way():
            return await self._runner.run(spec, options)

    def _watch(self, app_auth_token: str | NoToken | None = None) -> ClientWatch:
        from alipay_mini_audit.client import watching  # noqa: PLC0415  # most clients need it not

        return watching.ClientWatch(
            watching.Binding(app_id=self._credentials.app_id, base_url=self._config.base_url),
            self._runner,
            self._transport,
            self._options_with(app_auth_token, None),
            self._watches,
        )

    def _options_with(
        self,
        app_auth_token: str | NoToken | None,
        timeouts: Timeouts | None,
        preflight: Preflight | None = None,
    ) -> CallOptions:
        return options_with(self._options, app_auth_token, timeouts, preflight)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        view = " view" if self._is_view else ""
        who, where = self._credentials.app_id, self._config.base_url
        return f"<{type(self).__name__}{view}: app {who} at {where}>"
