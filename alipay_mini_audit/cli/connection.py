"""What a command needs to talk to the platform: credentials and client settings."""

from __future__ import annotations

from pathlib import Path

import attrs

from alipay_mini_audit.cli.settings import client_config
from alipay_mini_audit.config import ClientConfig
from alipay_mini_audit.credentials import Credentials

__all__ = ["Connection"]


@attrs.frozen(kw_only=True)
class Connection:
    """Where a command finds its credentials, and whom it calls.

    Attributes:
        credentials: option `--credentials`; `None` for the environment.
        prefix: what the names of the environment variables begin with.
        base_url: option `--base-url`; `None` if it was not given.
        allow_plain_http: option `--allow-plain-http`.
        app_auth_token: option `--app-auth-token`, or the environment; `None` for none.
    """

    credentials: Path | None
    prefix: str = "ALIPAY_"
    base_url: str | None = None
    allow_plain_http: bool = False
    app_auth_token: str | None = attrs.field(default=None, repr=False)

    def load(self) -> tuple[Credentials, ClientConfig]:
        """Read the credentials and the settings of a client; before the event loop has work to do.

        Raises:
            ConfigurationError: a setting is missing or unusable; it is called as it was given.
        """
        if self.credentials is None:
            credentials = Credentials.from_env(self.prefix)
        else:
            credentials = Credentials.from_file(self.credentials)
        config = client_config(
            file=self.credentials,
            prefix=self.prefix,
            base_url=self.base_url,
            allow_plain_http=self.allow_plain_http,
        )
        return credentials, config
