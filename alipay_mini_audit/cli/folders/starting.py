"""The run of `init`: what is known of a new submission, and the files that hold it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import typer

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.console import print_json, printable, say
from alipay_mini_audit.cli.exits import CommandFailed, until_stopped
from alipay_mini_audit.cli.folders.pulled import fields_of
from alipay_mini_audit.cli.folders.template import submission_text
from alipay_mini_audit.cli.help import wrapped
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.client import AuditClient, check
from alipay_mini_audit.errors import Severity, ValidationError
from alipay_mini_audit.files.layout import FIELDS_FILE, SCHEMA_FILE
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.models.descriptions import describe_field
from alipay_mini_audit.models.fields import FIELDS, FieldSpec, Need
from alipay_mini_audit.models.forms import read_fields
from alipay_mini_audit.models.schema import submission_schema
from alipay_mini_audit.models.wire import wire_value
from alipay_mini_audit.problems import Problem

__all__ = ["Start"]

_WORDS: Final = {Severity.ERROR: ("error  ", "错误"), Severity.WARNING: ("warning", "提示")}


@attrs.frozen(kw_only=True)
class Start:
    """Where a submission is begun.

    Attributes:
        folder: it is made.
        language: "zh" or "en".
        as_json: print a JSON object, and ask nothing.
    """

    folder: Path
    language: str
    as_json: bool

    def run(
        self, settings: Sequence[str], connection: Connection, from_version: str | None
    ) -> None:
        """Find out what to write, write it, and say so.

        Args:
            settings: options such as `app_version=1.0.0`.
            connection: whom to ask about a version.
            from_version: which one; `None` asks nobody.

        Raises:
            AuditError: a setting or a value cannot be used, or the platform gave no answer.
            CommandFailed: an option has another form, or there is a submission already.
            OSError: a file cannot be written.
        """
        given = self._options(settings)
        self._expect_nothing_there()
        if from_version is not None:
            bundle_id = given.get("bundle_id")
            credentials, config = connection.load()
            client = AuditClient(credentials, config)
            work = _pull(client, connection.app_auth_token, from_version, bundle_id)
            given = asyncio.run(until_stopped(work)) | given
        elif sys.stdin.isatty() and not self.as_json:
            given |= self._ask(given)
        written, kept = self._write(given)
        if self.as_json:
            named = [name for name, value in given.items() if value not in (None, "")]
            facts = {"written": written, "kept": kept, "fields": named}
            print_json({"folder": str(self.folder)} | facts)
        else:
            self._print(written, kept)

    def _options(self, settings: Sequence[str]) -> dict[str, object]:
        """Return values by wire name, of fields and of file parts."""
        texts: dict[str, str] = {}
        for setting in settings:
            name, equals, text = setting.partition("=")
            if not equals:
                wanted = "--set: expected NAME=VALUE.", "--set：应为 NAME=VALUE 的形式。"
                raise CommandFailed(said(*wanted, self.language))
            texts[name.strip()] = text
        values, problems = read_fields({name: texts[name] for name in texts if name not in PARTS})
        if problems:
            raise ValidationError(problems)
        found = _problems_of(values)
        if any(each.severity is Severity.ERROR for each in found):
            raise ValidationError(found)
        self._tell(found)
        fields = {FIELDS[name].wire_name: _for_toml(name, values[name]) for name in values}
        return fields | {name: text for name, text in texts.items() if name in PARTS}

    def _ask(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return answers about what every call needs; an empty one leaves a field out.

        What `check` would refuse is told and asked for again.
        """
        if isinstance(sys.stdin, io.TextIOWrapper):  # else what is no UTF-8 would be a traceback
            sys.stdin.reconfigure(errors="surrogateescape")
        answers: dict[str, object] = {}
        for spec in FIELDS.values():
            if spec.need is Need.ALWAYS and spec.wire_name not in given:
                text = said(*describe_field(spec), self.language)
                typer.echo("\n".join(wrapped(text, shutil.get_terminal_size().columns)))
                answers[spec.wire_name] = self._answer(spec)
        return answers

    def _answer(self, spec: FieldSpec) -> str:
        while True:
            answer = _typed(f"{spec.wire_name}: ")
            values, problems = read_fields({spec.wire_name: answer})
            problems = problems or _problems_of(values)
            self._tell(problems)
            if all(each.severity is Severity.WARNING for each in problems):
                return answer

    def _tell(self, problems: Iterable[Problem]) -> None:
        for each in problems:
            text = printable(str(each.in_language(self.language)))
            say(f"{said(*_WORDS[each.severity], self.language)}  {text}")

    def _expect_nothing_there(self) -> None:
        file = self.folder / FIELDS_FILE
        if file.exists() or file.is_symlink():
            raise self._is_there(file)

    def _is_there(self, file: Path) -> CommandFailed:
        english = f"{file} is there already, and init overwrites nothing."
        return CommandFailed(
            said(english, f"{file} 已存在，init 不会覆盖任何文件。", self.language)
        )

    def _write(self, given: Mapping[str, object]) -> tuple[list[str], list[str]]:
        """Return the files that it wrote, and those that were there and differ.

        What cannot be finished leaves neither files nor folders.
        """
        fields, file = self.folder / FIELDS_FILE, self.folder / SCHEMA_FILE
        schema = json.dumps(submission_schema(), ensure_ascii=False, indent=1) + "\n"
        with contextlib.ExitStack() as undo:
            _make_folder(self.folder, undo)
            try:
                _write_new(fields, submission_text(given, self.language), undo)
            except FileExistsError:  # another one was faster
                raise self._is_there(fields) from None
            try:
                _write_new(file, schema, undo)
                written, kept = [FIELDS_FILE, SCHEMA_FILE], []
            except FileExistsError:
                written = [FIELDS_FILE]
                kept = [SCHEMA_FILE] if file.read_bytes() != schema.encode() else []
            undo.pop_all()
        return written, kept

    def _print(self, written: Sequence[str], kept: Sequence[str]) -> None:
        for name in written:
            file = printable(str(self.folder / name))
            typer.echo(said(f"Written: {file}", f"已写入：{file}", self.language))
        for name in kept:
            file = printable(str(self.folder / name))
            english = f"Kept: {file}; it is another one: remove it to have it written anew."
            chinese = f"未改动：{file}，内容与现在的不同，删除后可重新生成。"
            typer.echo(said(english, chinese, self.language))
        command = f"alipay-mini-audit check {printable(shlex.quote(str(self.folder)))}"
        english = f"Put the pictures there, and then: {command}"
        typer.echo(said(english, f"请放入图片，然后运行：{command}", self.language))


def _problems_of(values: Mapping[str, Any]) -> list[Problem]:
    """Return what `check` says of the fields that are given, and of no other.

    Args:
        values: by attribute.
    """
    found = asyncio.run(check(AuditApply(**values)))
    return [each for each in found if re.split(r"[.\[]", each.path, maxsplit=1)[0] in values]


def _typed(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        typer.echo()
        return ""
    except KeyboardInterrupt:
        typer.echo()  # the shell goes on in a line of its own
        raise


def _for_toml(attribute: str, value: object) -> object:
    """Return flags and days as they are, which TOML knows, and anything else as on the wire."""
    return wire_value(FIELDS[attribute], value) if attribute == "service_region_info" else value


async def _pull(
    client: AuditClient, token: str | None, version: str, bundle_id: object
) -> dict[str, object]:
    """Return what the platform says of a version, as fields by wire name."""
    bundle = None if bundle_id is None else str(bundle_id)
    async with client:
        detail = await client.version_detail(version, bundle_id=bundle, app_auth_token=token)
    return fields_of(detail)


def _make_folder(folder: Path, undo: contextlib.ExitStack) -> None:
    """Make a folder and those that it lies in; undone, what was made is gone as far as empty."""

    def remove(made: Path) -> None:
        """Remove a folder if nothing is in it."""
        with contextlib.suppress(OSError):
            made.rmdir()

    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        undo.callback(remove, missing)
    folder.mkdir(parents=True, exist_ok=True)


def _write_new(file: Path, text: str, undo: contextlib.ExitStack) -> None:
    """Write a file that is not there yet; undone, it is not there again.

    Raises:
        FileExistsError: it is there.
    """
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            undo.callback(file.unlink, missing_ok=True)
            opened.write(text)
    except OSError as error:
        error.filename = str(file)  # a full disk does not say which file it had no room for
        raise
