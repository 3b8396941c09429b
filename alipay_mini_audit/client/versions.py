"""`VersionCalls`: lists versions, and moves them once they are built or audited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final, final

from alipay_mini_audit.calls import CallSpec, NoToken, list_query
from alipay_mini_audit.client.arguments import MakeCall, expect, version_of
from alipay_mini_audit.client.version_arguments import share_problems, status_problems
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.errors import Problem
from alipay_mini_audit.models import (
    BuildStatus,
    BundleId,
    VersionList,
    VersionReply,
    VersionStatus,
    read_model,
)
from alipay_mini_audit.protocol import (
    BUILD_STATUS,
    CANCEL_AUDITED,
    DELETE,
    GRAY_CANCEL,
    GRAY_ONLINE,
    OFFLINE,
    ONLINE,
    ROLLBACK,
    VERSIONS,
    Operation,
)

__all__ = ["VersionCalls"]

_WALLET: Final = BundleId.WALLET.value
_NO_FIELDS: Final[Mapping[str, object]] = MappingProxyType({})


@final
class VersionCalls:
    """The calls around an audit, as `AuditClient.versions`.

    Paths, fields and states are those of the official OpenAPI schema of 2026-10-08. In every method
    `bundle_id` is the application that the version runs in, `None` for the Alipay wallet;
    `app_auth_token` and `timeouts` are as for `AuditClient.apply`. A call that changes something
    and whose outcome is unknown is resolved by asking for the state that it leads to.

    Raises:
        ValidationError: here and in every method: an argument cannot be sent; nothing was sent.
        SigningError, CallError: as for `AuditClient.apply`; `StateConflict` if the version is not
            in a state that the call allows.

    Args:
        make: makes calls with the options of a client or view.
    """

    def __init__(self, make: MakeCall) -> None:
        self._make = make

    async def list(
        self,
        *,
        statuses: Collection[VersionStatus | str] | None = None,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionList:
        """Ask for the versions of the app: `GET /v3/alipay/open/mini/version/list/query`.

        The platform tells of the 20 newest at the most, and has no second page.

        Args:
            statuses: only versions in these; `None` is every status that this package knows.
            bundle_id: see the class; it is always sent, for the schema needs it for details.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        version_of(None, bundle_id, further=status_problems(statuses))
        query = list_query(bundle_id, tuple(VersionStatus) if statuses is None else statuses)
        spec = CallSpec(operation=VERSIONS, query=query)
        answer = await self._make(spec, app_auth_token, timeouts)
        return read_model(VersionList, answer.fields, answer.meta)

    async def build_status(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> BuildStatus:
        """Ask how far a build has come: `GET /v3/alipay/open/mini/version/build/query`.

        No message tells of the end of a build. Only `BuildStatus.is_usable` says that the version
        can be submitted.

        Args:
            app_version: the version that is being built.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        expect("app_version", app_version, str, "a text")
        spec = CallSpec(operation=BUILD_STATUS, query=version_of(app_version, bundle_id))
        answer = await self._make(spec, app_auth_token, timeouts)
        return read_model(BuildStatus, answer.fields, answer.meta)

    async def cancel_audited(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """Take an audited version back: `POST /v3/alipay/open/mini/version/audited/cancel`.

        A version that passed or was rejected is in development again; a rejected one needs that
        before it is submitted once more. `AuditClient.cancel` is for a version that is in audit.

        Args:
            app_version: the version.
            bundle_id: see the class; it is always sent, for the schema states no default here.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        bundle_id = _WALLET if bundle_id is None else bundle_id
        return await self._move(CANCEL_AUDITED, app_version, bundle_id, app_auth_token, timeouts)

    async def online(
        self,
        app_version: str,
        *,
        downgrade: bool = False,
        permit_registration_limit_release: bool = False,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """Put a version online for everybody: `POST /v3/alipay/open/mini/version/online`.

        It has passed the audit, or is in gray release. Under `AuditRule.BASE_PROMOTE` look at
        `VersionDetail.can_release` first. Users see it late: clients look for a new version about
        every half hour (Alipay's FAQ).

        Args:
            app_version: the version.
            downgrade: put speed before coverage; `False` by default. A pilot of the platform's.
            permit_registration_limit_release: let the first release go out before the app is filed
                (ICP), within limits: not searchable, 50 visitors a day, for 90 days; `False` by
                default.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        flags = {
            "downgrade": downgrade,
            "permit_registration_limit_release": permit_registration_limit_release,
        }
        for name, value in flags.items():
            expect(name, value, bool, "True or False")
        given = {name: value for name, value in flags.items() if value}
        return await self._move(
            ONLINE, app_version, bundle_id, app_auth_token, timeouts, fields=given
        )

    async def offline(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """Take the version that is online offline: `POST /v3/alipay/open/mini/version/offline`.

        Args:
            app_version: the version that is online.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        return await self._move(OFFLINE, app_version, bundle_id, app_auth_token, timeouts)

    async def gray_online(
        self,
        app_version: str,
        gray_strategy: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """Put a version online for some: `POST /v3/alipay/open/mini/version/gray/online`.

        Call it again for a larger share; a smaller one is refused.

        Args:
            app_version: a version that passed the audit, or is in gray release.
            gray_strategy: for how many of the users: `p10`, `p30` or `p50`, in percent.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        return await self._move(
            GRAY_ONLINE,
            app_version,
            bundle_id,
            app_auth_token,
            timeouts,
            fields={"gray_strategy": gray_strategy},
            problems=share_problems(gray_strategy),
        )

    async def gray_cancel(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """End a gray release: `POST /v3/alipay/open/mini/version/gray/cancel`.

        The version waits to be released, as after its audit.

        Args:
            app_version: the version in gray release.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        return await self._move(GRAY_CANCEL, app_version, bundle_id, app_auth_token, timeouts)

    async def rollback(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """Go back to the version before: `POST /v3/alipay/open/mini/version/rollback`.

        The version that was online before is online again, without an audit.

        Args:
            app_version: the version to leave, which is online now; not the one to go back to.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        return await self._move(ROLLBACK, app_version, bundle_id, app_auth_token, timeouts)

    async def delete(
        self,
        app_version: str,
        *,
        bundle_id: str | None = None,
        app_auth_token: str | NoToken | None = None,
        timeouts: Timeouts | None = None,
    ) -> VersionReply:
        """Delete a version in development, for good: `POST /v3/alipay/open/mini/version/delete`.

        Args:
            app_version: the version.
            bundle_id: see the class.
            app_auth_token: see the class.
            timeouts: see the class.
        """
        return await self._move(DELETE, app_version, bundle_id, app_auth_token, timeouts)

    async def _move(
        self,
        operation: Operation,
        app_version: str,
        bundle_id: str | None,
        app_auth_token: str | NoToken | None,
        timeouts: Timeouts | None,
        *,
        fields: Mapping[str, object] = _NO_FIELDS,
        problems: Sequence[Problem] = (),
    ) -> VersionReply:
        expect("app_version", app_version, str, "a text")
        about = version_of(app_version, bundle_id, further=problems)
        spec = CallSpec(operation=operation, about=about, fields={**about, **fields})
        answer = await self._make(spec, app_auth_token, timeouts)
        return read_model(VersionReply, answer.fields, answer.meta)
