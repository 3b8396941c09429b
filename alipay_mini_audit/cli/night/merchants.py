"""`tokens_of`: with whose token to ask about the entries of a journal, which holds none."""

from __future__ import annotations

import re
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
_BAD_TOKEN: Final = (
    ("the token of its mini-program {mini_app} cannot be one.", "Copy it again."),
    ("小程序 {mini_app} 的令牌无效。", "请重新复制。"),
)
_OF_ANOTHER: Final = (
    (
        "the token of its mini-program {mini_app} is what another one was submitted with.",
        "Look whose token is whose in the file.",
    ),
    ("小程序 {mini_app} 的令牌曾用于提交另一个小程序。", "请核对令牌文件中的对应关系。"),
)
_TOKEN: Final = re.compile(r"[!-~]{1,1024}")


def tokens_of(
    rows: Iterable[Row], file: Path | None, own: str | None, *, journal: Iterable[Row]
) -> Mapping[str, str | None]:
    """Return the token of each mini-program, as rows call it.

    The file says whose a token is. A token that it does not name is only taken for what was
    submitted with it: it may be another merchant's, who has a version of the same number.

    Args:
        rows: the entries that are asked about.
        file: of the tokens; `None` for none.
        own: for entries without another; `None` for the application itself.
        journal: all entries, which tell with whose token each was submitted.

    Raises:
        ValidationError: some have none, or one that cannot be theirs, all at once; there is no
            file; or it cannot be used.
    """
    named = {} if file is None else {name: each.strip() for name, each in read_tokens(file).items()}
    by_caller = {mini_app_of(None, token): token for token in named.values()}
    callers: dict[str, set[str | None]] = {}
    for row in journal:
        callers.setdefault(row.mini_app, set()).add(row.caller)
    whose = {caller: name for name, found in callers.items() for caller in found if caller}
    tokens: dict[str, str | None] = {}
    problems: list[Problem] = []
    for row in rows:
        name = row.mini_app
        if name in tokens:
            continue
        used = callers[name]
        tokens[name] = None
        token = named.get(name) or next(
            (by_caller[each] for each in used if each in by_caller), None
        )
        if (name in named or token is not None) and not _TOKEN.fullmatch(token or ""):
            problems.append(told(row.identity.key, "bad_token", *_BAD_TOKEN, values=_of(name)))
            continue
        if token is None and name and mini_app_of(None, own) in (name, *used):
            token = own
        if token is None and name:
            problems.append(token_missing(row.identity.key, name))
            continue
        caller = mini_app_of(None, token)
        if caller not in used and whose.get(caller, name) != name:
            problems.append(
                told(row.identity.key, "token_of_another", *_OF_ANOTHER, values=_of(name))
            )
        tokens[name] = token
    if problems and file is None:  # it was forgotten: one line says so, whatever the number
        count = {"count": len(problems)}
        problems = [told("--tokens", "token_missing", *_NO_FILE, values=count)]
    if problems:
        raise ValidationError(problems)
    return tokens


def token_missing(key: str, mini_app: str) -> Problem:
    """Return what is wrong with an entry for whose mini-program there is no token.

    Args:
        key: of the entry.
        mini_app: as its row calls it.
    """
    return told(key, "token_missing", *_NO_TOKEN, values=_of(mini_app))


def _of(mini_app: str) -> dict[str, object]:
    return {"mini_app": printable(mini_app)}
