"""What became of a demo: plain values."""

from __future__ import annotations

import enum
from typing import final

import attrs

from alipay_mini_audit.cli.exits import CommandFailed

__all__ = ["DemoReport", "Step", "VersionResult"]


class Step(enum.Enum):
    """How far a version has come."""

    MADE = "files made"
    CHECKED = "versions submitted and checked"


@final
@attrs.frozen(kw_only=True)
class VersionResult:
    """What became of one version.

    Attributes:
        version: the version.
        files: how many files of it arrived byte for byte.
        size: of those files together, in bytes.
        seconds: from the call to its reply; 0 if it failed.
        trace_id: the gateway's id of its answer; `None` without one.
        problems: what did not hold; empty if all of it did.
    """

    version: str
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    trace_id: str | None = None
    problems: tuple[str, ...] = ()


@final
@attrs.frozen(kw_only=True)
class DemoReport:
    """What became of a demo.

    Attributes:
        results: one for each version, in their order.
        cancelled: the version that was withdrawn and is in development again; `None` if that
            failed.
        seconds: from the first call until everything was checked.
        problems: everything that did not hold, beginning with the version; empty if all of it did.
    """

    results: tuple[VersionResult, ...]
    cancelled: str | None
    seconds: float
    problems: tuple[str, ...]

    @property
    def files(self) -> int:
        """How many files arrived byte for byte."""
        return sum(result.files for result in self.results)

    @property
    def size(self) -> int:
        """Of those files together, in bytes."""
        return sum(result.size for result in self.results)

    def raise_for_problems(self) -> None:
        """Return if all of it held.

        Raises:
            CommandFailed: something did not.
        """
        if self.problems:
            more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
            raise CommandFailed(f"The demo failed. {self.problems[0]}{more}")
