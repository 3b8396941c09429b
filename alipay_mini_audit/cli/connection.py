"""What a command needs to talk to the platform: credentials and client settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs

from alipay_mini_audit.cli.language import called
from alipay_mini_audit.cli.settings import client_config
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.settings import (
    CredentialSettings,
    read_environment,
    read_file,
)
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["Connection"]

_NO_FILE: Final = (
    ("a profile stands in a file of credentials.", "Give the file with --credentials FILE."),
    ("配置（profile）写在凭证文件中。", "请用 --credentials FILE 指定该文件。"),
)


@attrs.frozen(kw_only=True)
class Connection:
    """Where a command finds its credentials, and whom it calls.

    Attributes:
        credentials: option `--credentials`; `None` for the environment.
        prefix: what the names of the environment variables begin with.
        base_url: option `--base-url`; `None` if it was not given.
        allow_plain_http: option `--allow-plain-http`.
        profile: option `--profile`; `None` for what stands at the top of the file.
        app_auth_token: option `--app-auth-token`, or the environment; `None` for none.
    """

    credentials: Path | None
    prefix: str = "ALIPAY_"
    base_url: str | None = None
    allow_plain_http: bool = False
    profile: str | None = None
    app_auth_token: str | None = attrs.field(default=None, repr=False)

    def load(self) -> tuple[Credentials, ClientConfig]:
        """Read the credentials and the settings of a client; before the event loop has work to do.

        Raises:
            ConfigurationError: a setting is missing or unusable; it is called as it was given.
        """
        return Credentials.from_settings(self.read()), self.client_config()

    def read(self) -> CredentialSettings:
        """Read the settings of the credentials alone; nobody has judged them.

        Raises:
            ConfigurationError: as for `load`.
        """
        if self.credentials is not None:
            with called("--profile", "profile"):
                return read_file(self.credentials, self.profile)
        if self.profile is not None:
            raise ConfigurationError.from_problem(told("--profile", "missing", *_NO_FILE))
        return read_environment(self.prefix)

    def client_config(self) -> ClientConfig:
        """Read the settings of a client alone.

        Raises:
            ConfigurationError: as for `load`.
        """
        with called("--profile", "profile"):
            return client_config(
                file=self.credentials,
                prefix=self.prefix,
                base_url=self.base_url,
                allow_plain_http=self.allow_plain_http,
                profile=self.profile,
            )
