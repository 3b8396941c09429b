"""The tokens of merchants: in a line, in the environment, or in a file. None is ever shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Final, final

from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.problems import Problem, told

__all__ = ["Tokens"]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN: Final = re.compile(r"[!-~]{1,1024}")

_NO_TEXT: Final = (
    ("expected a text.", "Write it in quotes."),
    ("应为文本。", "请写成带引号的文本。"),
)
_BAD_TOKEN: Final = (
    ("a token is printable ASCII without blanks, and this is not.", "Copy it again."),
    ("令牌只含可打印的 ASCII 字符且没有空格，而这里不是。", "请重新复制。"),
)
_BOTH: Final = (
    ("the token is given by app_auth_token, too.", "Leave one of them out."),
    ("app_auth_token 也给出了令牌。", "请只保留一个。"),
)
_NO_VARIABLE: Final = (
    ("this is not the name of an environment variable that is set.", "Set the variable."),
    ("没有设置该名称的环境变量。", "请设置该环境变量。"),
)
_NOT_IN_FILE: Final = (
    ("the file of tokens has none for this mini-program.", "Add it there."),
    ("令牌文件中没有该小程序的令牌。", "请在其中补充。"),
)


@final
class Tokens:
    """The tokens of merchants.

    Args:
        by_mini_app: as a file has them; `None` if there is no such file.
        environment: variables by name.
    """

    def __init__(
        self,
        by_mini_app: Mapping[str, str] | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._by_mini_app = by_mini_app
        self._environment = environment

    def token_of(self, record: Record, mini_app: str | None) -> tuple[str | None, list[Problem]]:
        """Return the token of a line, and what is wrong with it.

        Args:
            record: the line.
            mini_app: whose version it is; `None` if the line does not say.
        """
        given = record.values.get("app_auth_token")
        variable = record.values.get("app_auth_token_env")
        column = "app_auth_token" if variable is None else "app_auth_token_env"
        if not isinstance(given, str | None) or not isinstance(variable, str | None):
            return None, [told(record.at(column), "wrong_type", *_NO_TEXT)]
        if given is not None and variable is not None:
            return None, [told(record.at(column), "token_twice", *_BOTH)]
        if variable is not None:
            given, problem = self._of_variable(record.at(column), variable.strip())
        elif given is None and mini_app is not None:
            given, problem = self._of_file(record.at("mini_app"), mini_app)
        else:
            problem = None
        if problem is not None or given is None:
            return None, [] if problem is None else [problem]
        token = given.strip()
        if not _TOKEN.fullmatch(token):
            return None, [told(record.at(column), "bad_token", *_BAD_TOKEN)]
        return token, []

    def _of_variable(self, path: str, name: str) -> tuple[str | None, Problem | None]:
        # What is no name may be a token that stands in the wrong column.
        found = self._environment.get(name) if _VARIABLE.fullmatch(name) else None
        return found, None if found else told(path, "token_missing", *_NO_VARIABLE)

    def _of_file(self, path: str, mini_app: str) -> tuple[str | None, Problem | None]:
        if self._by_mini_app is None:
            return None, None
        found = self._by_mini_app.get(mini_app)
        return found, None if found else told(path, "token_missing", *_NOT_IN_FILE)
