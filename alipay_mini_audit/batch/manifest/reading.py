"""`read_outcomes`: a manifest from its first line to its last. For worker threads: it blocks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.attachments import FileState
from alipay_mini_audit.batch.manifest.building import Builder, Outcome
from alipay_mini_audit.batch.manifest.csv_table import read_csv
from alipay_mini_audit.batch.manifest.json_lines import read_json_lines
from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.tokens import Tokens
from alipay_mini_audit.batch.manifest.tokens_file import read_tokens
from alipay_mini_audit.batch.manifest.toml_tables import read_toml
from alipay_mini_audit.batch.submission import mini_app_of
from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.files.text_file import TextFile
from alipay_mini_audit.problems import told

__all__ = ["Settings", "read_outcomes"]

_FORMATS: Final[dict[str, Callable[[Iterator[str], str], Iterator[Record]]]] = {
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json_lines,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".toml": read_toml,
}
_WORKBOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".numbers", ".et"})
_DIGEST_BYTES: Final = 16

_NO_FORMAT: Final = (
    ("the name of a manifest ends with .jsonl, .csv, .tsv or .toml.", "Rename it."),
    ("清单文件名应以 .jsonl、.csv、.tsv 或 .toml 结尾。", "请修改文件名。"),
)
_WORKBOOK: Final = (
    ("a workbook is no manifest.", 'Save it in the spreadsheet program as "CSV UTF-8".'),
    ("工作簿不能作为清单。", "请在表格软件中另存为“CSV UTF-8”。"),
)
_EMPTY: Final = (
    ("the manifest has no entries.", ""),
    ("清单中没有条目。", ""),
)
_SAME_KEY: Final = (
    ("line {other} has the same key and version.", "Leave one of them out."),
    ("与第 {other} 行的键和版本相同。", "请去掉其中一个。"),
)
_SAME_VERSION: Final = (
    (
        "line {other} submits the same version of the same mini-program.",
        "Leave one of them out.",
    ),
    ("第 {other} 行提交的是同一小程序的同一版本。", "请去掉其中一个。"),
)


@final
@attrs.frozen(kw_only=True)
class Settings:
    """What a manifest is read by.

    Attributes:
        path: of the manifest.
        tokens: of a file of tokens; `None` for none.
        encoding: of the manifest; `None` finds it out.
    """

    path: Path
    tokens: Path | None = None
    encoding: str | None = None


def read_outcomes(
    settings: Settings,
    *,
    state: FileState | None = None,
    on_open: Callable[[TextFile], None] = lambda _: None,
) -> Iterator[Outcome]:
    """Yield what becomes of each line, in their order.

    Args:
        settings: which manifest.
        state: the state that the file must have; `None` takes any.
        on_open: is told of the file, once it is open.

    Raises:
        ValidationError: the file, or that of the tokens, cannot be read as a whole or to its end.
    """
    path = settings.path
    read = _FORMATS.get(path.suffix.lower())
    if path.suffix.lower() in _WORKBOOKS:
        raise ValidationError([told(path.name, "workbook", *_WORKBOOK)])
    if read is None:
        raise ValidationError([told(path.name, "manifest_format", *_NO_FORMAT)])
    tokens = None if settings.tokens is None else read_tokens(settings.tokens)
    folder = Path(os.path.abspath(path.parent))  # noqa: PTH100  # follows no link
    builder = Builder(folder, Tokens(tokens))
    with TextFile(path, encoding=settings.encoding, state=state) as file:
        on_open(file)
        seen = _Seen()
        is_empty = True
        is_told = False
        for record in read(file.lines(), path.name):
            if not record.is_entry:
                is_told = is_told or bool(record.problems)
                yield Outcome(record=record, problems=record.problems)
                continue
            is_empty = False
            yield seen.checked(builder.build(record))
        if is_empty and not is_told:
            raise ValidationError([told(path.name, "manifest_empty", *_EMPTY)])


@final
class _Seen:
    """Finds entries that are one, by digests: it grows by some hundred bytes an entry."""

    def __init__(self) -> None:
        self._lines: dict[bytes, int] = {}

    def checked(self, outcome: Outcome) -> Outcome:
        """Return an outcome; that of an entry that was there before has a problem more.

        One that is not right counts as well: mended, it would be the same entry.
        """
        submission, record, identity = outcome.submission, outcome.record, outcome.identity
        if identity is None:
            return outcome
        other = self._other(record.line, repr(identity))
        texts, column = _SAME_KEY, "key"
        if other is None and submission is not None:
            whose = mini_app_of(submission.mini_app, submission.app_auth_token)
            version = (identity.app_version, identity.bundle_id)
            other = self._other(record.line, repr((whose, version)))
            texts, column = _SAME_VERSION, "app_version"
        if other is None:
            return outcome
        path, values = record.at(column), {"other": other}
        problem = told(path, "same_entry", *texts, values=values)
        return attrs.evolve(outcome, submission=None, problems=(*outcome.problems, problem))

    def _other(self, line: int, text: str) -> int | None:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
        before = self._lines.setdefault(digest.digest(), line)
        return None if before == line else before
