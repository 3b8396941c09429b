"""What `doctor` finds for each profile: offline, and if it may ask, what the platform says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import final

import attrs

from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.doctor.question import ask_platform
from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.diagnosis import Fact, Finding, examine, is_error
from alipay_mini_audit.credentials.settings import (
    CredentialSettings,
    read_file,
    read_toml,
)
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK
from alipay_mini_audit.errors import ConfigurationError

__all__ = ["Examination", "examinations"]


@final
@attrs.frozen(kw_only=True)
class Examination:
    """What is found for one profile, or for settings that stand in none.

    Attributes:
        connection: where the settings are, and whom they call.
        check_certificates: whether to look at dates and chains; `None` for what the settings say.
        online: whether the platform is asked, too.
    """

    connection: Connection
    check_certificates: bool | None
    online: bool

    def findings(self) -> Iterator[Finding]:
        """Look at everything; each finding comes as soon as it is there, and only once."""
        told: set[Finding] = set()
        errors = 0
        for finding in self._offline():
            if finding in told:  # one file is read for the credentials and for the client
                continue
            told.add(finding)
            errors += is_error(finding)
            yield finding
        if self.online and not errors:
            credentials = Credentials.from_settings(self._read())
            token = self.connection.app_auth_token
            yield from ask_platform(credentials, self.connection.client_config(), token)

    def _offline(self) -> Iterator[Finding]:
        yield from examine(self._read, SYSTEM_CLOCK(), check_certificates=self.check_certificates)
        try:
            config = self.connection.client_config()
        except ConfigurationError as error:
            yield error.as_problem()
        else:
            yield Fact("base_url", config.base_url)

    def _read(self) -> CredentialSettings:
        """Return what was given, and what an option says of its certificates."""
        settings = self.connection.read()
        if self.check_certificates is None:
            return settings
        return attrs.evolve(settings, check_certificates=self.check_certificates)


def examinations(
    connection: Connection, *, check_certificates: bool | None, online: bool
) -> tuple[Examination, ...]:
    """Return one for each profile of the file, unless one was chosen.

    Args:
        connection: as the options give it.
        check_certificates: as for `Examination`.
        online: as for `Examination`.
    """
    return tuple(
        Examination(
            connection=attrs.evolve(connection, profile=profile),
            check_certificates=check_certificates,
            online=online,
        )
        for profile in _profiles(connection)
    )


def _profiles(connection: Connection) -> Iterable[str | None]:
    file, profile = connection.credentials, connection.profile
    if file is None or profile is not None:
        return [profile]
    try:
        profiles: tuple[str, ...] = read_toml(file).profiles
    except ConfigurationError:
        return [None]  # it will be told
    if not profiles:
        return [None]
    try:
        read_file(file)
    except ConfigurationError as error:
        if error.code == "no_profile":
            return profiles
    return [None, *profiles]
