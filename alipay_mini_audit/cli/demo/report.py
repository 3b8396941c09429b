"""What became of a demo, as values. Nothing is printed here."""

from __future__ import annotations

import enum
from typing import final

import attrs

from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said

__all__ = ["DemoReport", "Step", "VersionResult"]


class Step(enum.Enum):
    """How far a version has come."""

    MADE = "made"
    """Its files are there."""
    CHECKED = "checked"
    """It was submitted, and what arrived was compared."""


@final
@attrs.frozen(kw_only=True)
class VersionResult:
    """What became of one version.

    Attributes:
        version: the version.
        files: how many of its files arrived byte for byte.
        size: the bytes of those files together.
        seconds: from the call to its reply; 0 if it failed.
        trace_id: the gateway's id of its answer; `None` if there is none.
        problems: what did not hold, one phrase each; empty if everything held.
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
        results: one for each version, in the order of the versions.
        cancelled: the version that was withdrawn and is in development again; `None` if that
            failed.
        seconds: from the first call until every version was checked.
        problems: what did not hold, each beginning with the version; empty if everything held.
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
        """The bytes of those files together."""
        return sum(result.size for result in self.results)

    def raise_for_problems(self, language: str) -> None:
        """Raise the first problem, if there is one.

        Args:
            language: of what is raised, "zh" or "en".

        Raises:
            CommandFailed: something did not hold.
        """
        if not self.problems:
            return
        others = len(self.problems) - 1
        told = said(f" (and {others} more)", f"（另有 {others} 个问题）", language)
        more = told if others else ""
        failed = said("The demo failed. ", "演示失败。", language)
        raise CommandFailed(f"{failed}{self.problems[0]}{more}")
