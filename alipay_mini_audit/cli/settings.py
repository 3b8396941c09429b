"""The settings of a command that talks to the platform: options, then environment, then file."""

from __future__ import annotations

from pathlib import Path

import attrs

from alipay_mini_audit.config import ClientConfig, Timeouts
from alipay_mini_audit.credentials.client_settings import (
    ClientSettings,
    read_client_environment,
    read_client_file,
)

__all__ = ["client_config"]


def client_config(
    *,
    file: Path | None,
    prefix: str,
    base_url: str | None,
    allow_plain_http: bool,
    profile: str | None = None,
) -> ClientConfig:
    """Return the settings of a client. An option wins over the environment, that over the file.

    Args:
        file: TOML file of the credentials; `None` if they are in the environment.
        prefix: what the names of the environment variables begin with.
        base_url: option `--base-url`; `None` if it was not given.
        allow_plain_http: option `--allow-plain-http`.
        profile: which of the profiles of the file; `None` for what stands at its top.

    Raises:
        ConfigurationError: a value is unusable; it is called as it was where it was given.
    """
    timeouts = attrs.fields_dict(Timeouts)
    given: dict[str, object] = {} if base_url is None else {"base_url": base_url}
    if allow_plain_http:
        given["allow_plain_http"] = True
    options = {name: f"--{name.replace('_', '-')}" for name in given}
    settings = ClientSettings(values=given, names=options)
    settings = settings.over(read_client_environment(prefix, timeouts))
    if file is not None:
        settings = settings.over(read_client_file(file, timeouts, profile))
    return ClientConfig.from_settings(settings)
