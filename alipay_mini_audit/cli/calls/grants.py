"""Ask about the tokens of a file, some at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import attrs

from alipay_mini_audit.batch.manifest.tokens_file import read_tokens
from alipay_mini_audit.client import AuditClient
from alipay_mini_audit.client.arguments import checked_token
from alipay_mini_audit.errors import ApiError, CallError, SigningError, ValidationError
from alipay_mini_audit.models import TokenInfo

__all__ = ["CALLS", "Grant", "ask_all", "read_usable_tokens"]

CALLS: Final = {
    "apply": "alipay.open.mini.version.audit.apply",
    "cancel": "alipay.open.mini.version.audit.cancel",
    "detail": "alipay.open.mini.version.detail.query",
}
"""What a night needs: the name of each call here -> its name in a grant."""
_AT_ONCE: Final = 8
_ABOUT_THE_TOKEN: Final = frozenset(
    {"AUTH_TOKEN_NOT_EXISTED", "AUTH_TOKEN_NOT_CONSISTENT", "ILLEGAL_PARAM"}
)
_APP_ID: Final = re.compile(r"20[0-9]{14}")


@final
@attrs.frozen(kw_only=True)
class Grant:
    """What the platform says of one token.

    Attributes:
        mini_app: whose it is, as the file says.
        info: the answer; `None` if there is none.
        error: why not; `None` if there is one.
    """

    mini_app: str
    info: TokenInfo | None = None
    error: CallError | SigningError | None = None

    @property
    def is_another_app(self) -> bool:
        """The file says that it is for one app, and the platform for another."""
        told = None if self.info is None else self.info.auth_app_id
        return told not in (None, self.mini_app) and bool(_APP_ID.fullmatch(self.mini_app))

    @property
    def is_refused(self) -> bool:
        """The platform says that there is no such token, or none for this application."""
        return isinstance(self.error, ApiError) and self.error.code in _ABOUT_THE_TOKEN

    @property
    def is_usable(self) -> bool:
        """Nothing speaks against it."""
        info = self.info
        return info is not None and info.is_valid is not False and not self.is_another_app


def read_usable_tokens(file: Path) -> dict[str, str]:
    """Return tokens by mini-program.

    Raises:
        ValidationError: the file cannot be used; all problems at once, and no token in them.
    """
    tokens = read_tokens(file)
    problems = []
    for mini_app, token in tokens.items():
        try:
            checked_token(token)
        except ValidationError as error:
            place = f"{file.name}: {mini_app}"
            problems += [attrs.evolve(problem, path=place) for problem in error.problems]
    if problems:
        raise ValidationError(problems)
    return tokens


async def ask_all(client: AuditClient, tokens: Mapping[str, str]) -> list[Grant]:
    """Ask about every token; what fails for one of them is told with it.

    Args:
        client: asks.
        tokens: by mini-program.

    Returns:
        In the order of the file.

    Raises:
        AuditError: the first question failed for another reason than its token, as all would.
    """
    waiting = list(tokens.items())
    if not waiting:
        return []
    first = await _ask(client, *waiting[0])
    if first.error is not None and not first.is_refused:
        raise first.error
    places = asyncio.Semaphore(_AT_ONCE)

    async def ask(mini_app: str, token: str) -> Grant:
        """Ask once there is a place."""
        async with places:
            return await _ask(client, mini_app, token)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(*each)) for each in waiting[1:]]
    return [first, *(task.result() for task in tasks)]


async def _ask(client: AuditClient, mini_app: str, token: str) -> Grant:
    try:
        return Grant(mini_app=mini_app, info=await client.tokens.query(token))
    except (CallError, SigningError) as error:
        return Grant(mini_app=mini_app, error=error)
