"""`Control`: what a test does to the versions of a gateway, and asks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.business.builds import Build
from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.merchants import Merchants
from alipay_mini_audit.sandbox.business.states import DEFAULT_BUNDLE, VersionState
from alipay_mini_audit.sandbox.business.submissions import Submission
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.pki.material import Material

__all__ = ["Control"]


class Control:
    """The auditors, the developer and the builder of a gateway's versions.

    Args:
        versions: where each version stands.
        merchants: whose tokens there are.
        clock: the platform's clock, seconds since 1970.
    """

    def __init__(
        self, versions: Versions, merchants: Merchants, clock: Callable[[], float]
    ) -> None:
        self._versions = versions
        self._merchants = merchants
        self._now = clock

    @property
    def material(self) -> Material:
        """The keys and certificates in use."""
        raise NotImplementedError

    @property
    def submissions(self) -> Sequence[Submission]:
        """Every accepted apply, oldest first."""
        raise NotImplementedError

    def decide(
        self,
        app_version: str,
        status: str,
        *,
        reject_reason: str | None = None,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
        base_audit: str | None = None,
        promote_audit: str | None = None,
        can_release: bool | None = None,
        base_audit_record: Mapping[str, object] | None = None,
        promote_audit_record: Mapping[str, object] | None = None,
        scan_result: str | None = None,
    ) -> VersionState:
        """Move a version to a status, as the auditors or the developer would.

        If it was in audit and passed or was rejected, the app is told; see `notifications`. A
        version in audit that was submitted with `auto_online` goes on from `WAIT_RELEASE` to
        `RELEASE` by itself. One that goes online takes the place of the one that was.

        Args:
            app_version: the version; one that nobody has submitted may be moved too.
            status: one that the platform knows, e.g. `WAIT_RELEASE`, `AUDIT_REJECT`, `RELEASE`.
            reject_reason: what the auditors say; `None` for nothing.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.
            base_audit: `PASS` or `REJECT`. Of the two audits, here and in the next four, something
                may be said only of a version that was submitted with the audit rule `BASE_PROMOTE`,
                or by nobody. `None` for what was said before; a new submission begins with nothing.
            promote_audit: the same of the audit for promotion.
            can_release: whether a version may go online though its audit for promotion failed.
            base_audit_record: memos and pictures, as the wire has them:
                `{"audit_images": [url], "memos": [{"memo": text, "memo_image_list": [url]}]}`.
            promote_audit_record: the same of the audit for promotion.
            scan_result: `True`, `False`, or `NAN` for a scan that goes on. Versions begin with
                `True`.

        Returns:
            Where the version stands now.

        Raises:
            ConfigurationError: the version is blank, a value is none that the platform knows, the
                version has one audit and something is said of two, or there is no such token or no
                app yet.
        """
        owner, state = self._find(app_version, bundle_id, app_auth_token)
        decision = Decision(
            status=status,
            reject_reason=reject_reason,
            scan_result=scan_result,
            base_audit=base_audit,
            promote_audit=promote_audit,
            can_release=can_release,
            base_audit_record=base_audit_record,
            promote_audit_record=promote_audit_record,
        )
        moved = self._versions.decide(owner, state, decision, self._now())
        self._decided(self.mini_app_id(app_auth_token), state, moved)
        return moved

    def build(
        self,
        app_version: str,
        *,
        seconds: float = 0.0,
        fails: bool = False,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
    ) -> VersionState:
        """Begin to build a version, which is there once the build has ended by the gateway's clock.

        Args:
            app_version: the version; one that was deleted, or whose build failed, is built anew.
            seconds: how long the build takes.
            fails: whether it fails then.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.

        Raises:
            ConfigurationError: the version is blank or there already, the time is negative, or
                there is no such token or no app yet.
        """
        if not 0 <= seconds < float("inf"):
            raise ConfigurationError("seconds", f"expected a number from 0 on, not {seconds!r}.")
        owner, state = self._find(app_version, bundle_id, app_auth_token)
        now = self._now()
        return self._versions.build(owner, state, Build(began=now, ends=now + seconds, fails=fails))

    def status(
        self,
        app_version: str,
        *,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
    ) -> str:
        """Return where a version stands, e.g. `INIT` or `AUDITING`.

        Args:
            app_version: the version; one that nobody has submitted stands at `INIT`, one that was
                deleted or is not built yet at `ABSENT`.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.

        Raises:
            ConfigurationError: the version is blank, or there is no such token or no app yet.
        """
        return self._find(app_version, bundle_id, app_auth_token)[1].standing(self._now())

    def accepted(
        self,
        app_version: str,
        *,
        bundle_id: str = DEFAULT_BUNDLE,
        app_auth_token: str | None = None,
    ) -> int:
        """Return how many applies of a version were accepted, whether or not an answer arrived.

        Args:
            app_version: the version.
            bundle_id: the app that the version runs in.
            app_auth_token: the merchant's token; `None` for the app's own version.
        """
        owner = None if app_auth_token is None else self._merchants.owner(app_auth_token)
        wanted = (app_version, bundle_id, owner)
        return sum(self._of(each) == wanted for each in self.submissions)

    def mini_app_id(self, app_auth_token: str | None = None) -> str:
        """Return the app id of a mini-program, as notifications and token queries name it.

        Args:
            app_auth_token: the merchant's token; `None` for the app's own mini-program.

        Raises:
            ConfigurationError: there is no such token, or there is no app yet.
        """
        if app_auth_token is None:
            return self.material.app_id
        found = self._merchants.mini_app_id(app_auth_token)
        if found is None:
            raise ConfigurationError("app_auth_token", "there is no such token.")
        return found

    def end_token(self, app_auth_token: str) -> None:
        """End a token now, as a merchant who takes back what was granted does.

        Args:
            app_auth_token: the merchant's token.

        Raises:
            ConfigurationError: there is no such token.
        """
        self._merchants.end(app_auth_token, self._now())

    def _of(self, submission: Submission) -> tuple[str, object, str | None]:
        token = submission.app_auth_token
        owner = None if token is None else self._merchants.owner(token)
        bundle_id = submission.fields.get("bundle_id") or DEFAULT_BUNDLE
        return submission.app_version, bundle_id, owner

    def _owner(self, app_auth_token: str | None) -> str:
        if not app_auth_token:
            return self.material.app_id
        self.mini_app_id(app_auth_token)  # there has to be such a token
        return self._merchants.owner(app_auth_token)

    def _decided(self, mini_app_id: str, before: VersionState, after: VersionState) -> None:
        """Do what follows from a decision."""
        raise NotImplementedError

    def _find(
        self, app_version: str, bundle_id: str, app_auth_token: str | None
    ) -> tuple[str, VersionState]:
        owner = self._owner(app_auth_token)
        fields = {"app_version": app_version, "bundle_id": bundle_id}
        for name, value in fields.items():
            if not isinstance(value, str) or not value.strip():
                raise ConfigurationError(name, "expected a text that is not blank.")
        return owner, self._versions.find(owner, fields)
