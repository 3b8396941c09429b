"""`init`: what is known of a new submission, and the files that hold it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.folders.pulled import fields_of
from alipay_mini_audit.cli.folders.template import submission_text
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.layout import FIELDS_FILE, SCHEMA_FILE
from alipay_mini_audit.models.descriptions import describe_field
from alipay_mini_audit.models.fields import FIELDS, Need
from alipay_mini_audit.models.forms import read_fields
from alipay_mini_audit.models.schema import submission_schema
from alipay_mini_audit.models.wire import wire_value

__all__ = ["Started", "ask", "expect_new", "options_given", "pull", "start"]


@attrs.frozen(kw_only=True)
class Started:
    """What `init` did.

    Attributes:
        folder: where.
        written: names of the files that it wrote.
        kept: names of those that were there and differ.
        fields: the fields that have a value now, by wire name.
    """

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    fields: tuple[str, ...]


def options_given(settings: Sequence[str], language: str) -> dict[str, object]:
    """Return the values of options such as `app_version=1.0.0`, by wire name.

    Args:
        settings: the options.
        language: of the error, "zh" or "en".

    Raises:
        CommandFailed: one has another form.
        ValidationError: a name or a value is none; all problems at once.
    """
    texts: dict[str, str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise CommandFailed(
                said("--set: expected NAME=VALUE.", "--set：应为 NAME=VALUE 的形式。", language)
            )
        texts[name.strip()] = text
    files = {name: text for name, text in texts.items() if name in PARTS}
    values, problems = read_fields({name: texts[name] for name in texts if name not in PARTS})
    if problems:
        raise ValidationError(problems)
    typed = {
        spec.wire_name: _for_toml(spec.attribute, values)
        for spec in FIELDS.values()
        if spec.attribute in values
    }
    return {**typed, **files}


def _for_toml(attribute: str, values: Mapping[str, object]) -> object:
    """Return flags and days as they are, which TOML knows, and anything else as on the wire."""
    value = values[attribute]
    return wire_value(FIELDS[attribute], value) if attribute == "service_region_info" else value


def ask(given: Mapping[str, object], language: str) -> dict[str, object]:
    """Ask for the fields that every call needs; an empty answer leaves one out.

    Args:
        given: what need not be asked for.
        language: "zh" or "en".
    """
    answers: dict[str, object] = {}
    for spec in FIELDS.values():
        if spec.need is not Need.ALWAYS or spec.wire_name in given:
            continue
        print(said(*describe_field(spec), language))  # noqa: T201  # like the question below it
        with contextlib.suppress(EOFError):
            answers[spec.wire_name] = input(f"{spec.wire_name}: ").strip()
    return answers


async def pull(connection: Connection, version: str, bundle_id: str | None) -> dict[str, object]:
    """Return what the platform says of a version, as fields by wire name.

    Args:
        connection: whom to ask.
        version: which one.
        bundle_id: the application that it runs in; `None` for the Alipay wallet.

    Raises:
        AuditError: the settings cannot be used, or the platform gave no answer.
    """
    from alipay_mini_audit.client import AuditClient

    credentials, config = connection.load()
    async with AuditClient(credentials, config) as client:
        detail = await client.version_detail(
            version, bundle_id=bundle_id, app_auth_token=connection.app_auth_token
        )
    return fields_of(detail)


def expect_new(folder: Path, language: str) -> None:
    """Return if there is no submission in a folder yet.

    Args:
        folder: which one.
        language: of the error, "zh" or "en".

    Raises:
        CommandFailed: there is one, and nothing is overwritten.
    """
    file = folder / FIELDS_FILE
    if file.exists() or file.is_symlink():
        raise CommandFailed(
            said(
                f"{file} is there already, and init overwrites nothing.",
                f"{file} 已存在，init 不会覆盖任何文件。",
                language,
            )
        )


def start(folder: Path, given: Mapping[str, object], language: str) -> Started:
    """Write the files of a new submission; nothing is overwritten.

    Args:
        folder: where; it is made.
        given: values by wire name.
        language: of the comments, "zh" or "en".

    Raises:
        CommandFailed: as for `expect_new`.
        OSError: a file cannot be written.
    """
    expect_new(folder, language)
    folder.mkdir(parents=True, exist_ok=True)
    schema = json.dumps(submission_schema(), ensure_ascii=False, indent=1) + "\n"
    written, kept = [FIELDS_FILE], []
    _write_new(folder / FIELDS_FILE, submission_text(given, language))
    try:
        _write_new(folder / SCHEMA_FILE, schema)
        written.append(SCHEMA_FILE)
    except FileExistsError:
        if (folder / SCHEMA_FILE).read_bytes() != schema.encode():
            kept.append(SCHEMA_FILE)
    fields = tuple(name for name, value in given.items() if value)
    return Started(folder=folder, written=tuple(written), kept=tuple(kept), fields=fields)


def _write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises:
        FileExistsError: it is there.
    """
    with file.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
