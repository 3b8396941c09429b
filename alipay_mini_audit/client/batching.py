"""A client as a batch uses it. Each call is made once; the batch repeats it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import final

import attrs

from alipay_mini_audit.batch import (
    BatchEntry,
    BatchPolicy,
    Binding,
    Journal,
    Submission,
    run_batch,
)
from alipay_mini_audit.calls import Call, CallOptions, CallRunner, CallSpec, SendGate
from alipay_mini_audit.client.arguments import apply_spec, expect, options_with
from alipay_mini_audit.errors import ConfigurationError, ValidationError
from alipay_mini_audit.models import ApplyReply, Resolution, read_model
from alipay_mini_audit.preflight import RULE_FAILED
from alipay_mini_audit.transport import Transport

__all__ = ["Binding", "ClientPlatform", "batch_of"]


@final
@attrs.frozen
class ClientPlatform:
    """Makes the calls of a batch for one client or view.

    Attributes:
        binding: which application calls where.
        runner: of the client.
        transport: of the client.
        options: of the client or view.
    """

    binding: Binding
    runner: CallRunner
    transport: Transport
    options: CallOptions
    _once: CallOptions = attrs.field(init=False, repr=False)

    @_once.default
    def _without_repeats(self) -> CallOptions:
        once = attrs.evolve(self.options.retry, attempts=1, resolve=False, unknown_window=0.0)
        return attrs.evolve(self.options, retry=once)

    def token_of(self, submission: Submission) -> str | None:
        """See `Platform`."""
        return submission.app_auth_token or self.options.app_auth_token

    async def prepare(self, submission: Submission) -> Call:
        """See `Platform`."""
        with self.transport.under_way():
            try:
                return await self.runner.prepare(_spec(submission), self._options(submission))
            except ConfigurationError as error:
                if error.code != RULE_FAILED:
                    raise
                raise ValidationError([error.as_problem()]) from error  # others may pass the rule

    async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
        """See `Platform`."""
        spec = CallSpec(operation=call.operation, about=call.about, fields=call.fields)
        with self.transport.under_way():
            answer = await self.runner.run(spec, call.options, prepared=call, gate=gate)
        return read_model(ApplyReply, answer.fields, answer.meta)

    async def ask(self, submission: Submission, ago: float) -> Resolution:
        """See `Platform`."""
        began = asyncio.get_running_loop().time() - ago
        with self.transport.under_way():
            return await self.runner.resolve(_spec(submission), self._options(submission), began)

    def _options(self, submission: Submission) -> CallOptions:
        return options_with(self._once, submission.app_auth_token, None, None)


def batch_of(
    platform: ClientPlatform,
    submissions: Iterable[Submission] | AsyncIterable[Submission],
    journal: Journal | None,
    policy: BatchPolicy | None,
    *,
    take_over: bool,
    stop: asyncio.Event | None,
) -> AsyncGenerator[BatchEntry, None]:
    """Return a batch that has yet to begin. The arguments are those of `AuditClient.submit_many`.

    Raises:
        TypeError: one is of another type than it has to be, and is named.
    """
    expect("submissions", submissions, Iterable | AsyncIterable, "an iterable of Submissions")
    expect("journal", journal, Journal | None, "a SqliteJournal, a MemoryJournal or None")
    expect("policy", policy, BatchPolicy | None, "a BatchPolicy or None")
    expect("stop", stop, asyncio.Event | None, "an asyncio.Event or None")
    policy = policy or BatchPolicy()
    return run_batch(platform, submissions, journal, policy, take_over=take_over, stop=stop)


def _spec(submission: Submission) -> CallSpec:
    return apply_spec(submission.request, submission.attachments)
