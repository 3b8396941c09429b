"""`Manifest`: the submissions of a file, read lazily in worker threads."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Final, Self, final

from alipay_mini_audit.attachments import FileState
from alipay_mini_audit.batch.manifest.building import Outcome
from alipay_mini_audit.batch.manifest.reading import Settings, read_outcomes
from alipay_mini_audit.batch.submission import Submission
from alipay_mini_audit.concurrency import finish
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.text_file import TextFile
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["Manifest"]

_GROUP: Final = 100
_GROUP_SECONDS: Final = 0.05
_KEPT: Final = 1000

_MORE: Final = (
    ("there are {count} more problems.", "Solve these first."),
    ("另有 {count} 个问题未列出。", "请先解决以上问题。"),
)


@final
class Manifest:
    """What to submit, from a file: iterate over it with `async for`, as often as you like.

    It yields a `Submission` for each line that is right, and passes over the others, of which
    `problems` tells. The file is read meanwhile, in worker threads, and never held in memory as a
    whole. Neither a message nor a key nor the `repr` of anything holds a token.

    Columns are `key`, `app_auth_token`, `app_auth_token_env` (a variable that holds it),
    `mini_app`, `template_id`, `priority`, `not_before`, `folder` (a submission folder; what the
    line says wins over it), the wire names of fields and of file parts, and the attributes of
    `Attachments` that hold several files, separated by `;`. Paths are relative to the manifest.
    Without a `key` it is made of `mini_app` and version, and so stays the same from night to night;
    without a `mini_app` a digest of the token stands for it. If `mini_app` is added later on,
    taken away or spelled otherwise, a journal knows the entry by the same token, and goes on with
    it under its new key; if a merchant's token is renewed, it knows it by the same `mini_app`. If
    both change between two runs, it is another entry.

    Make it by `Manifest.read`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state: FileState | None = None
        self._left_out: int | None = None

    @property
    def left_out(self) -> int | None:
        """How many lines are no submissions; `None` until `problems` has read them all."""
        return self._left_out

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._settings.path)!r})"

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        *,
        tokens: str | os.PathLike[str] | None = None,
        encoding: str | None = None,
    ) -> Self:
        """Return the manifest of a file, and open nothing yet.

        Args:
            path: JSON Lines (`.jsonl`, `.ndjson`, `.json`), CSV (`.csv`, `.tsv`, `.txt`) or TOML
                (`.toml`) with a table `[[submission]]` for each.
            tokens: a file of tokens by `mini_app`, TOML or CSV; `None` for none.
            encoding: of the manifest, as Python calls it; `None` takes UTF-8, and GBK for what
                cannot be that.
        """
        return cls(
            Settings(
                path=Path(path),
                tokens=None if tokens is None else Path(tokens),
                encoding=encoding,
            )
        )

    async def problems(self) -> tuple[Problem, ...]:
        """Read all of it, and return what is wrong with any line, in their order.

        Paths are such as `night.csv:12:app_version`, with the line as a text editor counts. At most
        1,000 are kept, errors first of all; a last one, `more_problems`, counts the rest. The
        content of the files that it names is not looked at: that is for `check`.
        """
        found = _Kept()
        left_out = 0
        opened: list[TextFile] = []
        try:
            async with contextlib.aclosing(self._groups(None, opened)) as groups:
                async for group in groups:
                    for outcome in group:
                        found.add(outcome.problems)
                        is_none = outcome.submission is None and outcome.record.is_entry
                        left_out += is_none
            self._left_out = left_out
        except ValidationError as error:
            found.add(error.problems)
        self._state = opened[0].state if opened else None
        return found.all_of(self._settings.path.name)

    def __aiter__(self) -> AsyncIterator[Submission]:
        """Read it from its beginning.

        Raises:
            ValidationError: it cannot be read, or is not what it was when `problems` read it.
        """
        return self._submissions()

    async def _submissions(self) -> AsyncGenerator[Submission, None]:
        async with contextlib.aclosing(self._groups(self._state, [])) as groups:
            async for group in groups:
                for outcome in group:
                    if outcome.submission is not None:
                        yield outcome.submission

    async def _groups(
        self, state: FileState | None, opened: list[TextFile]
    ) -> AsyncGenerator[list[Outcome], None]:
        outcomes = read_outcomes(self._settings, state=state, on_open=opened.append)
        take = functools.partial(_take, outcomes)
        try:
            while group := await finish(asyncio.to_thread(take)):
                yield group
        finally:
            await finish(asyncio.to_thread(_close, outcomes))


def _take(outcomes: Iterator[Outcome]) -> list[Outcome]:
    """Return the next ones, but let nobody wait long for the first of them."""
    deadline = time.monotonic() + _GROUP_SECONDS
    group = []
    for outcome in itertools.islice(outcomes, _GROUP):
        group.append(outcome)
        time.sleep(
            0
        )  # hands the interpreter to the event loop, which waits longer for it otherwise
        if time.monotonic() > deadline:
            break
    return group


def _close(outcomes: Iterator[Outcome]) -> None:
    with contextlib.suppress(ValueError):  # a disk hangs, and a thread still waits for it
        outcomes.close()  # type: ignore[attr-defined]  # it is a generator


@final
class _Kept:
    """The problems that are kept, and how many are not; errors take the place of warnings."""

    def __init__(self) -> None:
        self._count = 0
        self._errors: list[tuple[int, Problem]] = []
        self._warnings: list[tuple[int, Problem]] = []

    def add(self, problems: tuple[Problem, ...]) -> None:
        """Take problems as they are found."""
        for problem in problems:
            self._count += 1
            kind = self._errors if problem.severity is Severity.ERROR else self._warnings
            if len(kind) < _KEPT:
                kind.append((self._count, problem))

    def all_of(self, file: str) -> tuple[Problem, ...]:
        """Return what is kept, in the order of the lines.

        Args:
            file: name of the manifest.
        """
        warnings = self._warnings[: _KEPT - len(self._errors)]
        numbered = sorted([*self._errors, *warnings], key=lambda each: each[0])
        kept = [problem for _, problem in numbered]
        if left_out := self._count - len(kept):
            kept.append(told(file, "more_problems", *_MORE, values={"count": left_out}))
        return tuple(kept)
