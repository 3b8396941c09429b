"""`batch export`: the lines of a manifest that are left, with the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from alipay_mini_audit.cli.commands.batch.stops import Journal
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

__all__ = ["export"]


_Manifest: TypeAlias = Annotated[
    Path,
    typer.Option(
        metavar="FILE", help=said("The manifest that was submitted.", "提交时使用的清单。")
    ),
]
_Out: TypeAlias = Annotated[
    Path,
    typer.Option(
        metavar="FILE",
        help=said("Where to write; a new file.", "写到哪里；必须是新文件。"),
    ),
]
_State: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STATE",
        help=said(
            "Lines in this state, as refused or invalid; may be given again. Otherwise all "
            "that are not done.",
            "只导出该状态的行，例如 refused、invalid，可多次给出；不指定时导出所有未完成的行。",
        ),
    ),
]
_Tokens: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=said("File of tokens that the batch was run with.", "运行批次时使用的令牌文件。"),
    ),
]
_Encoding: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=said(
            "Encoding of the manifest; it is found out otherwise.",
            "清单的编码；不指定时自动识别。",
        ),
    ),
]


@documented(
    "把清单中尚未完成的行导出为新的清单，行内容不变，并附上原因（reason）和错误码（code）两列。\n\n"
    "格式和编码与原清单相同；绝不覆盖已有文件。新清单可以直接修改后再次提交。"
    "没有可导出的行时不写文件。"
)
def export(
    journal: Journal,
    manifest: _Manifest,
    out: _Out,
    state: _State = None,
    tokens: _Tokens = None,
    encoding: _Encoding = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write the lines of a manifest that are left as a new one, with columns reason and code.

    The lines are as they were, in the same format and encoding; no file is overwritten. The new
    manifest can be mended and submitted. Without such lines no file is written.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        from alipay_mini_audit.batch.manifest.reading import Settings
        from alipay_mini_audit.cli.night.journals import expect_journal
        from alipay_mini_audit.cli.night.leftovers import export_lines

        expect_journal(journal, language)
        export_lines(
            journal,
            Settings(path=manifest, tokens=tokens, encoding=encoding),
            out,
            states=state or [],
            language=language,
            as_json=as_json,
        )
