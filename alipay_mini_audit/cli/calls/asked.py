"""`AskedCall`: which call a command makes, about which version, and how to ask about it later."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, final

import attrs

from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.folders.places import place_of
from alipay_mini_audit.errors import Outcome, Problem

__all__ = ["AskedCall", "OperationName"]

OperationName = Literal[
    "apply", "cancel", "cancel_audited", "detail", "look", "online", "gray_online", "tokens"
]
"""`look` is a question that a command asks before its call: whatever becomes of it, the call has
not been made."""
_VARIABLE: Final = "ALIPAY_APP_AUTH_TOKEN"
_OPTIONS: Final = {
    "app_version": "VERSION",
    "bundle_id": "--bundle-id",
    "gray_strategy": "--gray",
}
"""Where what is wrong was given, unless it was in a file."""


@final
@attrs.frozen(kw_only=True)
class AskedCall:
    """What the user asked for.

    Attributes:
        operation: which call.
        connection: who calls whom.
        app_version: the version; `None` if the submission has none.
        bundle_id: the application that it runs in; `None` for the Alipay wallet.
        files: of a submission, by location, e.g. `attachments.app_logo`.
        folder: what is in it is named from there.
    """

    operation: OperationName
    connection: Connection
    app_version: str | None
    bundle_id: str | None = None
    files: Mapping[str, Path] = attrs.field(factory=dict)
    folder: Path = Path()

    @property
    def only_asks(self) -> bool:
        """It changes nothing on the platform."""
        return self.operation in ("detail", "look", "tokens")

    @property
    def question(self) -> str | None:
        """The command that asks where the version stands; `None` if it has no name.

        No token is in it: the user has to fill that in.
        """
        return self.command("detail") if self.app_version else None

    def command(self, name: str, *options: str) -> str:
        """Return another command about the same version, with the same credentials.

        Args:
            name: of the command, which takes the version.
            options: of its own.
        """
        words = ["alipay-mini-audit", name, self.app_version or "", *options]
        connection = self.connection
        given = {
            "--bundle-id": self.bundle_id,
            "--credentials": connection.credentials,
            "--profile": connection.profile,
            "--base-url": connection.base_url,
        }
        for option, value in given.items():
            words += [] if value is None else [option, str(value)]
        words += ["--allow-plain-http"] if connection.allow_plain_http else []
        if connection.app_auth_token is not None and not os.environ.get(_VARIABLE):
            words += ["--app-auth-token", "TOKEN"]
        return shlex.join(words)

    def settled(self, outcome: Outcome) -> Outcome:
        """Return what a failure has done to the version: before the call it cannot have changed it.

        Args:
            outcome: of what failed.
        """
        is_open = self.operation == "look" and outcome is not Outcome.REFUSED
        return Outcome.NOT_SENT if is_open else outcome

    def name_of(self, path: str) -> str:
        """Return what an input is called where it was given.

        Args:
            path: of a problem with it.
        """
        if path == "app_auth_token":
            return _VARIABLE if os.environ.get(_VARIABLE) else "--app-auth-token"
        return path if self.operation == "apply" else _OPTIONS.get(path, path)

    def place_of(self, problem: Problem) -> str:
        """Return where a person finds what is wrong: an option, a file or a key of the TOML."""
        name = self.name_of(problem.path)
        is_of_a_submission = self.operation == "apply" and name == problem.path
        return place_of(problem, self.files, self.folder) if is_of_a_submission else name
