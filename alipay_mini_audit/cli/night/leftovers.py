"""`export_lines`: what `batch export` does."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import attrs
import typer

from alipay_mini_audit.batch import EntryState
from alipay_mini_audit.batch.journal.names import Known
from alipay_mini_audit.batch.manifest.annotation import Annotator
from alipay_mini_audit.batch.manifest.building import Outcome
from alipay_mini_audit.batch.manifest.reading import Settings, read_outcomes
from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.cli.night.snapshot import rows_of
from alipay_mini_audit.cli.night.words import reason_said, state_said
from alipay_mini_audit.codes import explain
from alipay_mini_audit.codes.own import OWN
from alipay_mini_audit.files.text_file import TextFile
from alipay_mini_audit.problems import Problem, Severity, joined

__all__ = ["export_lines"]

_LEFT: Final = (
    *(EntryState.PLANNED, EntryState.SENDING, EntryState.INVALID, EntryState.REFUSED),
    *(EntryState.UNKNOWN, EntryState.DEFERRED, EntryState.HELD, EntryState.SKIPPED),
)
_COLUMN: Final = re.compile(r"\d+:(.+)", re.DOTALL)
"""Behind the name of the manifest: line and column."""


@attrs.frozen
class _Fate:
    """What became of an entry: its state, why, and the code of that."""

    state: EntryState
    reason: str = ""
    code: str = ""


def export_lines(
    journal: Path,
    settings: Settings,
    out: Path,
    *,
    states: Collection[str],
    language: str,
    as_json: bool,
) -> None:
    """Write the lines of a manifest that are in some states, and say how many there are.

    Args:
        journal: of the batch.
        settings: the manifest.
        out: the file to write.
        states: names of states, several in one separated by commas; empty for all but done.
        language: "zh" or "en".
        as_json: print JSON in place of a sentence.

    Raises:
        CommandFailed: an argument cannot be used.
        BatchError: the journal cannot be read.
        ValidationError: the manifest cannot be read.
        OSError: the file cannot be written.
    """
    wanted = _states_of(states, language)
    if out.suffix.lower() != settings.path.suffix.lower():
        english = f"--out: the name has to end with {settings.path.suffix}, as the manifest's does."
        chinese = f"--out：文件名应与清单一样以 {settings.path.suffix} 结尾。"
        raise CommandFailed(said(english, chinese, language))
    if out.exists():
        english, chinese = f"--out: {out} is there already.", f"--out：{out} 已存在。"
        raise CommandFailed(said(english, chinese, language))
    fates: Known[_Fate] = Known()
    for row in rows_of(journal):
        fates.add(row, _Fate(row.state, sys.intern(row.reason), sys.intern(row.code)))
    counts: Counter[EntryState] = Counter()
    opened: list[TextFile] = []
    lines = _lines(settings, fates, wanted, language, counts, opened)
    first = next(lines, None)
    if first is not None:
        _write(out, first, lines, opened)
    _report(out if counts else None, counts, language, as_json=as_json)
    if counts and not as_json and _is_elsewhere(out, settings.path):
        note = (
            "Note: relative paths in it begin at the folder of the manifest; move it there.",
            "注意：其中的相对路径以原清单所在目录为准，请将其移到该目录。",
        )
        typer.echo(said(*note, language), err=True)


def _states_of(names: Collection[str], language: str) -> frozenset[EntryState]:
    given = [name.strip().lower() for each in names for name in each.split(",") if name.strip()]
    known = [*EntryState]
    if wrong := [name for name in given if name not in known]:
        name, all_of = printable(wrong[0]), ", ".join(known)
        english = f"--state: there is no state {name}; there are: {all_of}."
        chinese = f"--state：没有状态 {name}，可用的有：{all_of}。"
        raise CommandFailed(said(english, chinese, language))
    return frozenset(map(EntryState, given) if given else _LEFT)


def _lines(
    settings: Settings,
    fates: Known[_Fate],
    wanted: Collection[EntryState],
    language: str,
    counts: Counter[EntryState],
    opened: list[TextFile],
) -> Iterator[str]:
    """Yield the text to write, and count its entries; nothing if there are none."""
    annotator = Annotator(None)
    for outcome in read_outcomes(settings, on_open=opened.append):
        if not outcome.record.is_entry:
            annotator = Annotator(outcome.record)
            continue
        fate = _fate_of(outcome, fates, language)
        if fate.state not in wanted:
            continue
        if not counts:
            yield annotator.head
        counts[fate.state] += 1
        yield annotator.annotated(outcome.record, fate.reason, fate.code)


def _fate_of(outcome: Outcome, fates: Known[_Fate], language: str) -> _Fate:
    fate = None if outcome.claim is None else fates.find(outcome.claim)
    if fate is not None:
        code = fate.code or _codes_in(fate.reason)
        return _Fate(fate.state, _reason_of(fate, language), code)
    if outcome.submission is not None:
        return _Fate(EntryState.PLANNED, said("not begun", "尚未开始", language))
    errors = [
        each.in_language(language) for each in outcome.problems if each.severity is Severity.ERROR
    ]
    if not errors:  # it uses a column that is told of once, at the head
        reason = said("a column of it is unknown, or there twice", "所用的列未知或重复", language)
        return _Fate(EntryState.INVALID, reason, "unknown_column")
    texts = [_with_column(outcome, each, language) for each in errors]
    codes = dict.fromkeys(each.code for each in errors)
    return _Fate(EntryState.INVALID, joined(*dict.fromkeys(texts)), ", ".join(codes))


def _with_column(outcome: Outcome, problem: Problem, language: str) -> str:
    found = _COLUMN.fullmatch(problem.path.removeprefix(f"{outcome.record.file}:"))
    text = joined(problem.message, problem.advice)
    return said(f"{found[1]}: {text}", f"{found[1]}：{text}", language) if found else text


def _reason_of(fate: _Fate, language: str) -> str:
    """Return what the codes of a fate mean, if it has any; otherwise its reason as it is."""
    codes = _codes_in(fate.reason) or _codes_in(fate.code)
    if not codes:
        return reason_said(fate.reason, language)
    which = 1 if language == "zh" else 0
    texts = []
    for code in codes.split(", "):
        found = explain(code, language)
        meaning = OWN[code][which][0] if code in OWN else found.meaning
        texts.append(joined(meaning, found.advice))
    return joined(*texts)


def _codes_in(text: str) -> str:
    """Return a list of codes if it is one that is known from its first to its last."""
    codes = text.split(", ")
    return text if text and all(explain(code).is_known for code in codes) else ""


def _write(out: Path, first: str, lines: Iterator[str], opened: list[TextFile]) -> None:
    """Write a new file; what cannot be finished is removed again.

    It may hold tokens, so nobody may read it who may not read the manifest.
    """
    (manifest,) = opened
    file = open(  # noqa: SIM115  # Path.open takes no opener
        out,
        "x",
        encoding=manifest.encoding,
        newline="",
        errors="backslashreplace",
        opener=lambda path, flags: os.open(path, flags, manifest.mode),
    )
    try:
        with file:  # a full disk may be told as late as it is closed
            file.write(first)
            file.writelines(lines)
    except BaseException:
        out.unlink()
        raise


def _report(out: Path | None, counts: Counter[EntryState], language: str, *, as_json: bool) -> None:
    total = counts.total()
    if as_json:
        states = {str(state): count for state, count in counts.items()}
        print_json({"out": None if out is None else str(out), "lines": total, "states": states})
        return
    if out is None:
        typer.echo(
            said("No line is left; nothing was written.", "没有剩余的行，未写文件。", language)
        )
        return
    name, comma = printable(str(out)), said(", ", "，", language)
    each = comma.join(
        f"{state_said(state, language)} {count}" for state, count in sorted(counts.items())
    )
    english = f"Written: {name} ({total} line{'' if total == 1 else 's'}: {each})"
    typer.echo(said(english, f"已写入：{name}（{total} 行：{each}）", language))


def _is_elsewhere(out: Path, manifest: Path) -> bool:
    return out.parent.resolve() != manifest.parent.resolve()
