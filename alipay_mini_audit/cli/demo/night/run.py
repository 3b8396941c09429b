"""`run_night_demo`: a night against a sandbox, killed in the middle, and run again to its end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, final

import attrs

from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.cli.demo.night.counting import count_at_gateway
from alipay_mini_audit.cli.demo.night.keeping import keep_files
from alipay_mini_audit.cli.demo.night.printing import Story
from alipay_mini_audit.cli.demo.night.program import end_of, running, summary_of
from alipay_mini_audit.cli.demo.night.result import Killed, NightResult, ReasonRow
from alipay_mini_audit.cli.demo.night.scene import Scene, make_scene
from alipay_mini_audit.cli.demo.run import no_room
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.snapshot import rows_of
from alipay_mini_audit.cli.report import Wanted, make_report
from alipay_mini_audit.problems import joined
from alipay_mini_audit.sandbox import RequestRecord, SandboxGateway

__all__ = ["run_night_demo"]

_JOURNAL: Final = "night.journal"
_REPORT: Final = "night.html"
_WINDOW: Final = 2.0
"""Seconds in which what a killed process has sent may arrive; the kernel is that quick here."""
_AT_ONCE: Final = 8
_SHARE_AT_ONCE: Final = 8
"""Of so many good entries one is sent at a time, so that small nights have a middle, too."""


async def run_night_demo(work: Path, kept: Path, count: int, story: Story) -> NightResult:
    """Submit a manifest by a program, kill that, run it again, and count at the gateway.

    Args:
        work: an empty folder, which is not needed any more afterwards.
        kept: an empty folder; the journal and the report are there in the end.
        count: how many lines the manifest has.
        story: is told what happens.

    Raises:
        AuditError: the sandbox cannot be started, or the journal not be read.
        CommandFailed: the program does not do what it should.
        OSError: a file cannot be written, or a program not be started.
    """
    axe = _Axe()
    async with SandboxGateway(on_request=axe) as gateway:
        axe.gateway = gateway
        story.tell_gateway(gateway.base_url)
        try:
            scene = await make_scene(work, count, gateway.material, gateway.base_url)
        except OSError as error:
            raise CommandFailed(no_room(work.parent, error, story.language)) from None
        story.tell_made(scene)
        night = _Night(scene=scene, gateway=gateway, axe=axe, story=story)
        began = time.monotonic()
        killed = await night.run_until_killed()
        story.tell_killed(killed, scene.total)
        summary = await night.run_to_the_end()
        seconds = time.monotonic() - began
    report = Wanted(html=work / _REPORT, csv=None, junit=None, as_json=False)
    digest = make_report(work / _JOURNAL, report, story.language)
    done = ReasonRow(count=digest.counts[EntryState.DONE], state=EntryState.DONE)
    others = [
        ReasonRow(
            count=group.count,
            state=group.state,
            code=group.reason.code,
            meaning=group.reason.meaning,
            first=group.keys[0],
        )
        for group in digest.groups()
        if group.state is not EntryState.DONE
    ]
    keep_files([work / _JOURNAL, work / _REPORT], kept)
    return NightResult(
        total=scene.total,
        good=len(scene.good),
        killed=killed,
        rows=(done, *others, *_rows_of_lines(summary)),
        count=count_at_gateway(scene.good, gateway),
        journal=kept / _JOURNAL,
        report=kept / _REPORT,
        seconds=seconds,
    )


@final
@attrs.define(eq=False)
class _Axe:
    """Kills a program as soon as the gateway has accepted so much."""

    gateway: SandboxGateway | None = None
    program: asyncio.subprocess.Process | None = None
    after: int = 0

    def __call__(self, _: RequestRecord) -> None:
        """Look at the count after each request."""
        if self.gateway is None or self.program is None:
            return
        if len(self.gateway.submissions) >= self.after:
            with contextlib.suppress(ProcessLookupError):
                self.program.kill()
            self.program = None


@final
@attrs.frozen(kw_only=True)
class _Night:
    scene: Scene
    gateway: SandboxGateway
    axe: _Axe
    story: Story

    @property
    def _command(self) -> Sequence[str]:
        at_once = max(1, min(_AT_ONCE, len(self.scene.good) // _SHARE_AT_ONCE))
        return (
            *("batch", "run", self.scene.manifest, "--journal", _JOURNAL),
            *("--credentials", self.scene.credentials, "--concurrency", str(at_once)),
            *("--unknown-window", f"{_WINDOW:g}", "--yes"),
        )

    async def run_until_killed(self) -> Killed:
        """Run it, and kill it in the middle."""
        language, folder = self.story.language, self.scene.folder
        self.story.tell_started(self._command)
        async with running((*self._command, "--json"), folder, language) as program:
            self.axe.after = len(self.scene.good) // 2
            self.axe.program = program
            ended = await end_of(program)
        if self.axe.program is not None:
            self.axe.program = None
            summary_of(ended, language)
            too_soon = "The demo failed. `batch run` ended before its middle."
            raise CommandFailed(said(too_soon, "演示失败。`batch run` 提前结束。", language))
        states = Counter(row.state for row in rows_of(folder / _JOURNAL))
        return Killed(
            accepted=len(self.gateway.submissions),
            done=states[EntryState.DONE],
            under_way=states[EntryState.SENDING],
        )

    async def run_to_the_end(self) -> Mapping[str, Any]:
        """Run it again, and return what it says of the whole."""
        language, folder = self.story.language, self.scene.folder
        self.story.tell_resumed(_WINDOW)
        async with running((*self._command, "--json"), folder, language) as program:
            return summary_of(await end_of(program), language)


def _rows_of_lines(summary: Mapping[str, Any]) -> list[ReasonRow]:
    return [
        ReasonRow(
            count=1,
            state=None,
            code=problem["code"],
            meaning=_sentence(joined(problem["message"], problem["advice"])),
            first=problem["path"],
        )
        for problem in summary["manifest"]
    ]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
