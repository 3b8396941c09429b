"""The first half of a call: check what was given, look at its files, write its JSON text.

Nothing is signed or sent here, so a call can be known, its size say, without being made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import final

from alipay_mini_audit.attachments import Attachments, FilePart
from alipay_mini_audit.calls.call import Call, CallOptions, CallSpec
from alipay_mini_audit.calls.checking import problems_of
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files import UnusableFiles, UploadResources, inspect
from alipay_mini_audit.models import text_problems
from alipay_mini_audit.preflight import refused
from alipay_mini_audit.problems import Problem
from alipay_mini_audit.protocol import json_text, query_target

__all__ = ["CallPreparation"]


@final
class CallPreparation:
    """Makes calls that can be run.

    Args:
        resources: what the uploads of the client share.
    """

    def __init__(self, resources: UploadResources) -> None:
        self._resources = resources

    async def prepare(
        self, spec: CallSpec, options: CallOptions, deadline: float = math.inf
    ) -> Call:
        """Look at the files of a call and write down what will be sent.

        Args:
            spec: what was asked for.
            options: of the client or view.
            deadline: when it must be over, in the time of the event loop; without a limit by
                default.

        Raises:
            ValidationError: an input is unusable; every problem that was found.
            SendInterrupted: the look at the files was not over in time; nothing was sent.
        """
        problems = [
            problem
            for name, text in {**spec.about, **spec.query}.items()
            for problem in text_problems(name, text)
        ]
        if problems:
            raise ValidationError(problems)
        files, found, unusable = await self._look(spec, options, deadline)
        stopping = refused(found, options.preflight)
        if stopping or unusable:
            raise ValidationError((*stopping, *unusable))
        return Call(
            operation=spec.operation,
            target=query_target(spec.operation.path, spec.query),
            body="" if spec.fields is None else json_text(spec.fields),
            fields=spec.fields,
            files=files,
            options=options,
            about=spec.about,
            warnings=found,
            secret=spec.secret,
        )

    async def check(
        self, spec: CallSpec, options: CallOptions, deadline: float = math.inf
    ) -> tuple[Problem, ...]:
        """Return every problem of a submission, warnings among them.

        Args:
            spec: what was asked for.
            options: of the client or view.
            deadline: as for `prepare`.

        Raises:
            SendInterrupted: as for `prepare`.
            ConfigurationError: a rule of the user's raised.
        """
        _, found, unusable = await self._look(spec, options, deadline)
        return (*found, *unusable)

    async def _look(
        self, spec: CallSpec, options: CallOptions, deadline: float
    ) -> tuple[tuple[FilePart, ...], tuple[Problem, ...], tuple[Problem, ...]]:
        """Return the files as they were looked at, what the rules find, and unusable files.

        No setting lets a call go without a file that it was given.
        """
        files: tuple[FilePart, ...] = ()
        unusable: tuple[Problem, ...] = ()
        try:
            files = await self._inspect(spec, options, deadline)
        except UnusableFiles as error:
            files, unusable = error.usable, error.problems
        except ValidationError as error:
            unusable = error.problems
        found: tuple[Problem, ...] = ()
        if spec.request is not None:
            found = problems_of(spec.request, files, options.preflight, unusable)
        return files, found, unusable

    async def _inspect(
        self, spec: CallSpec, options: CallOptions, deadline: float
    ) -> tuple[FilePart, ...]:
        attachments = spec.attachments
        if isinstance(attachments, Mapping):
            attachments = Attachments.from_parts(attachments)
        if attachments is None or not attachments.parts:
            return ()
        probe = spec.request is not None and options.preflight.is_on
        return await inspect(attachments.parts, self._resources, deadline, probe=probe)
