"""`tokens_of`: with whose token to ask about the entries of a journal, which holds none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from alipay_mini_audit.batch.journal.row import Row
from alipay_mini_audit.batch.manifest.tokens_file import read_tokens
from alipay_mini_audit.batch.submission import mini_app_of
from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.errors import Problem, ValidationError
from alipay_mini_audit.problems import told

__all__ = ["token_missing", "tokens_of"]

_NO_TOKEN: Final = (
    ("there is no token for its mini-program {mini_app}.", "Add it to the file of tokens."),
    ("没有小程序 {mini_app} 的令牌。", "请在令牌文件中补充。"),
)
_NO_FILE: Final = (
    ("no tokens are given; mini-programs that entries name: {count}.", "Give --tokens FILE."),
    ("没有给出令牌，而条目中写明了 {count} 个小程序。", "请用 --tokens FILE 提供令牌。"),
)


def tokens_of(rows: Iterable[Row], file: Path | None, own: str | None) -> Mapping[str, str | None]:
    """Return the token of each mini-program, as rows call it.

    Args:
        rows: the entries that are asked about.
        file: of the tokens; `None` for none.
        own: for entries without another; `None` for the application itself.

    Raises:
        ValidationError: some have none, all at once; there is no file; or it cannot be used.
    """
    found = {} if file is None else read_tokens(file)
    known: dict[str, str | None] = {
        mini_app_of(None, token.strip()): token.strip() for token in found.values()
    }
    known |= {mini_app: token.strip() for mini_app, token in found.items()}
    problems: dict[str, Problem] = {}
    for row in rows:
        name = row.mini_app
        if name in known:
            continue
        if row.caller in known:  # the file calls it otherwise
            known[name] = known[row.caller]
            continue
        if name and own is None:
            problems[name] = token_missing(row.identity.key, name)
        known[name] = own
    if problems and file is None:  # it was forgotten: one line says so, whatever the number
        raise ValidationError(
            [told("--tokens", "token_missing", *_NO_FILE, values={"count": len(problems)})]
        )
    if problems:
        raise ValidationError([*problems.values()])
    return known


def token_missing(key: str, mini_app: str) -> Problem:
    """Return what is wrong with an entry for whose mini-program there is no token.

    Args:
        key: of the entry.
        mini_app: as its row calls it.
    """
    return told(key, "token_missing", *_NO_TOKEN, values={"mini_app": printable(mini_app)})
