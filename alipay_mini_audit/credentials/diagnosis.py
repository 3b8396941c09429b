"""`doctor`: look at keys and certificates offline, and say all that is wrong in plain words. No
output here.

Nothing stops at the first problem, and nothing shows a piece of a private key.
"""

from __future__ import annotations

import binascii
import datetime
import enum
import re
from collections.abc import Callable, Iterator
from typing import Final, final

import attrs

from alipay_mini_audit.credentials import Credentials
from alipay_mini_audit.credentials.settings import CredentialSettings
from alipay_mini_audit.crypto import (
    Certificate,
    ContentCipher,
    RSASigner,
    RSAVerifier,
    load_certificates,
)
from alipay_mini_audit.crypto import root_serial_number as serial_number_of_roots
from alipay_mini_audit.crypto.certificates import chain_problem, date_problem
from alipay_mini_audit.crypto.keys import load_private_key, read_source
from alipay_mini_audit.crypto.rsa import make_verify, verify_with
from alipay_mini_audit.errors import AuditError, ConfigurationError

__all__ = ["Finding", "State", "examine"]

_APP_ID: Final = re.compile(r"[0-9]{16}")
_AROUND_BASE64: Final = re.compile(rb"\xef\xbb\xbf|-----[A-Z ]+-----|\\n|\s")
_RSA_IN_PKCS8: Final = bytes.fromhex("06092a864886f70d010101")
_HEAD: Final = 64
_FEW_DAYS: Final = 30
_TRIAL: Final = b"a text for a trial signature"


class State(enum.Enum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@final
@attrs.frozen
class Finding:
    """What a check found.

    Attributes:
        state: how it ended.
        text: what was found, and what to do; one line.
    """

    state: State
    text: str


def examine(read: Callable[[], CredentialSettings], now: datetime.datetime) -> Iterator[Finding]:
    """Check everything that can be checked without the platform.

    Args:
        read: returns what was given.
        now: the time, aware.

    Yields:
        A finding for each check, the problems among them; the last one tells the time.
    """
    try:
        settings = read()
    except ConfigurationError as error:
        yield _problem(f"settings: {error}")
    else:
        yield from _Doctor(settings, now).findings()
    advice = "Compare it with a clock you trust: Alipay refuses requests that are more than ten minutes off."
    yield _note(f"clock: this machine says {now:%Y-%m-%d %H:%M:%S} UTC. {advice}")


class _Doctor:
    def __init__(self, settings: CredentialSettings, now: datetime.datetime) -> None:
        self._settings, self._names, self._now = settings, settings.names, now
        self._signer: RSASigner | None = None
        self._found: dict[str, tuple[Certificate, ...]] = {}

    def findings(self) -> Iterator[Finding]:
        mode = "certificate mode" if self._settings.is_certificate_mode else "key mode"
        yield _ok(f"settings: complete, for {mode}")
        healthy = True
        for finding in self._parts():
            healthy &= finding.state is not State.PROBLEM
            yield finding
        if healthy:
            yield from self._try(self._whole)

    def _parts(self) -> Iterator[Finding]:
        yield from self._app_id()
        yield from self._try(self._private_key)
        if self._settings.is_certificate_mode:
            yield from self._certificates()
        else:
            yield from self._try(self._public_key)
        yield from self._try(self._encrypt_key)

    def _try(self, check: Callable[..., Iterator[Finding]], *values: object) -> Iterator[Finding]:
        """Pass findings on; an error that ends a check is one more, called as it was given."""
        try:
            yield from check(*values)
        except ConfigurationError as error:
            yield _problem(str(self._settings.renamed(error)))

    def _app_id(self) -> Iterator[Finding]:
        name, app_id = self._names["app_id"], self._settings.app_id
        if _APP_ID.fullmatch(app_id):
            yield _ok(f"{name}: {app_id}")
        else:
            yield _note(f"{name}: Alipay's app ids have 16 digits, this one has not.")

    def _private_key(self) -> Iterator[Finding]:
        name, source = self._names["private_key"], self._settings.private_key
        key = load_private_key(source)
        form = "PKCS#8" if _is_pkcs8(read_source(source, name)) else "PKCS#1"
        yield _ok(
            f"{name}: RSA private key of {key.size_in_bits()} bits, {form} (PKCS#1 and PKCS#8 are both fine)"
        )
        self._signer = RSASigner(source)
        try:
            verify_with(
                make_verify(key.public_key()), _TRIAL, self._signer.sign_blocking(_TRIAL), advice=""
            )
        except (AuditError, ValueError):
            yield _problem(
                f"{name}: a trial signature does not hold. The key is damaged; make a new one."
            )
        else:
            yield _ok(f"{name}: a trial signature holds (made by {self._signer.backend})")

    def _public_key(self) -> Iterator[Finding]:
        name, verifier = (
            self._names["alipay_public_key"],
            RSAVerifier(self._settings.alipay_public_key),
        )
        if self._signer is not None and verifier.fingerprint == self._signer.fingerprint:
            yield _problem(
                f"{name}: this is the application's own public key. Give Alipay's, shown beside it."
            )
        else:
            yield _ok(
                f"{name}: RSA public key, and not the application's own (only a reply can show that it is Alipay's)"
            )

    def _certificates(self) -> Iterator[Finding]:
        for field in ("root_certificate", "app_certificate", "alipay_certificate"):
            yield from self._try(self._load, field)
        if "root_certificate" in self._found:
            yield from self._try(self._roots)
        for field in ("app_certificate", "alipay_certificate"):
            if field in self._found:
                yield from self._owner(field)
                yield from self._dates(field)
                yield from self._chain(field)

    def _load(self, field: str) -> Iterator[Finding]:
        self._found[field] = load_certificates(getattr(self._settings, field), field)
        yield from ()

    def _roots(self) -> Iterator[Finding]:
        name, roots = self._names["root_certificate"], self._found["root_certificate"]
        counted = sum(root.is_signed_with_rsa for root in roots)
        serial_number = serial_number_of_roots(roots)
        yield _ok(
            f"{name}: serial number {serial_number} ({counted} of {len(roots)} are signed with RSA and count)"
        )
        yield from self._dates("root_certificate")

    def _owner(self, field: str) -> Iterator[Finding]:
        """Say whose key a certificate holds."""
        name, leaf, is_apps = self._names[field], self._found[field][0], field == "app_certificate"
        try:
            fits = self._signer is not None and leaf.fingerprint == self._signer.fingerprint
        except ConfigurationError as error:
            yield _problem(f"{name}: {error}")
            return
        if fits and not is_apps:
            yield _problem(f"{name}: this is the application's certificate. Give Alipay's.")
        elif leaf.is_authority:
            yield _problem(
                f"{name}: this is the certificate of an authority, {leaf.subject}. Give the one it issued."
            )
        elif is_apps and self._signer is not None and not fits:
            key = self._names["private_key"]
            yield _problem(
                f"{name}: it does not belong to {key}. Give the key that its request was made with."
            )
        else:
            suffix = ", belongs to the private key" if fits else ""
            yield _ok(f"{name}: serial number {leaf.cert_sn}, {leaf.subject}{suffix}")

    def _dates(self, field: str) -> Iterator[Finding]:
        certificates = self._found[field]
        for position, certificate in enumerate(certificates, 1):
            which = (
                f" (certificate {position} of {len(certificates)})" if len(certificates) > 1 else ""
            )
            name, days = f"{self._names[field]}{which}", (certificate.not_after - self._now).days
            must_hold = position == 1 and field != "root_certificate"
            if (wrong := date_problem(certificate, self._now)) is not None:
                yield (_problem if must_hold else _note)(f"{name}: {wrong}.")
            elif days < _FEW_DAYS:
                yield _note(
                    f"{name}: expires on {certificate.not_after:%Y-%m-%d}, {days} days left. Replace it in time."
                )
            else:
                dates = f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
                yield _ok(f"{name}: valid from {dates}, {days} days left")

    def _chain(self, field: str) -> Iterator[Finding]:
        if "root_certificate" not in self._found:
            return
        name, (leaf, *others), roots = (
            self._names[field],
            self._found[field],
            self._found["root_certificate"],
        )
        wrong = chain_problem(leaf, others, roots, self._now)
        if wrong is None:
            yield _ok(f"{name}: the signatures lead to a root")
        elif field == "app_certificate":
            yield _note(
                f"{name}: not traced to a root: {wrong}. Alipay will decide; the client does not ask."
            )
        else:
            advice = (
                "Download it and the root file from the console again, for this environment; the certificates of its "
                "issuers, up to the root, must stand behind it in the file."
            )
            yield _problem(f"{name}: not trusted: {wrong}. {advice}")

    def _encrypt_key(self) -> Iterator[Finding]:
        name = self._names["encrypt_key"]
        if self._settings.encrypt_key:
            yield _ok(f"{name}: usable: {ContentCipher(self._settings.encrypt_key)!r}")
        else:
            yield _ok(f"{name}: none, content is sent as it is")

    def _whole(self) -> Iterator[Finding]:
        """Build what a client is given, so that nothing it refuses goes unseen."""
        given = self._settings
        encrypt_key = given.encrypt_key or None
        if given.is_certificate_mode:
            Credentials.from_certificates(
                given.app_id,
                given.private_key,
                given.app_certificate,
                given.alipay_certificate,
                given.root_certificate,
                encrypt_key=encrypt_key,
                check_certificates=False,  # they were
            )
        else:
            Credentials.from_keys(
                given.app_id, given.private_key, given.alipay_public_key, encrypt_key=encrypt_key
            )
        yield _ok("credentials: a client takes them")


def _ok(text: str) -> Finding:
    return Finding(State.OK, text)


def _note(text: str) -> Finding:
    return Finding(State.NOTE, text)


def _problem(text: str) -> Finding:
    return Finding(State.PROBLEM, " ".join(text.splitlines()))


def _is_pkcs8(content: bytes) -> bool:
    """Say whether a private key that could be read is in PKCS#8, which begins with the name of its
    algorithm.
    """
    if content[:_HEAD].isascii() or content.startswith(b"\xef\xbb\xbf"):
        content = binascii.a2b_base64(_AROUND_BASE64.sub(b"", content))
    return _RSA_IN_PKCS8 in content[:_HEAD]
