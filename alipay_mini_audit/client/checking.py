"""`check`: know what the platform would refuse, without a client or keys."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from alipay_mini_audit.attachments import Attachments, SourceLike
from alipay_mini_audit.calls import CallOptions, CallPreparation
from alipay_mini_audit.client.arguments import apply_spec, options_with
from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.files import BufferPool, UploadResources
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.preflight import Preflight
from alipay_mini_audit.problems import Problem

__all__ = ["check"]

_DEFAULTS: Final = ClientConfig()


async def check(
    request: AuditApply,
    attachments: Attachments | Mapping[str, SourceLike | None] | None = None,
    preflight: Preflight | None = None,
    *,
    language: str | None = None,
) -> tuple[Problem, ...]:
    """Find what the platform would refuse; nothing is sent, and no keys are needed.

    Args:
        request: what would be said about the version.
        attachments: its files, as `Attachments` or by wire name; `None` for none.
        preflight: what is checked; `None` is `Preflight()`.
        language: of the texts, "zh" or "en"; `None` takes `ALIPAY_MINI_AUDIT_LANG`, then the
            locale.

    Returns:
        Every problem, warnings among them, in the order of the fields; none if all is well.

    Raises:
        SendInterrupted: the look at the files was not over within `Timeouts.total`.
        ConfigurationError: a rule of yours raised, or the language is not one of the two.
        TypeError: an argument is of another type.
    """
    spoken = language_of(language)
    options = CallOptions(_DEFAULTS.timeouts, _DEFAULTS.retry, preflight=Preflight())
    options = options_with(options, None, None, preflight)
    resources = UploadResources(buffers=BufferPool(_DEFAULTS.chunk_size))
    deadline = asyncio.get_running_loop().time() + options.timeouts.total
    found = await CallPreparation(resources).check(
        apply_spec(request, attachments), options, deadline
    )
    return tuple(problem.in_language(spoken) for problem in found)
