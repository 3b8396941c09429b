"""Applies every rule to the material of credentials, and notes facts and problems."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, final

import attrs

from alipay_mini_audit.credentials.material import Fact, Finding, Material, Parts
from alipay_mini_audit.credentials.rules import (
    alipay_certificate_problem,
    app_certificate_problem,
    app_id_problem,
    fingerprint_of,
    public_key_problem,
    signer_problem,
    trial_problem,
)
from alipay_mini_audit.crypto import (
    Certificate,
    CertificateVerifier,
    ContentCipher,
    KeySource,
    RSASigner,
    RSAVerifier,
    Signer,
    load_certificates,
    root_serial_number,
)
from alipay_mini_audit.crypto.chain import (
    authority_problem,
    date_problem,
    expiry_warning,
    find_chain,
)
from alipay_mini_audit.crypto.encoding import read_source
from alipay_mini_audit.crypto.faults import UNCHECKED_ADVICE
from alipay_mini_audit.crypto.keys import KeyForm, key_form
from alipay_mini_audit.errors import ConfigurationError, Problem, Severity

__all__ = ["Judge", "as_problem", "is_error"]

_FORMS: Final = {KeyForm.PKCS1_PRIVATE: "PKCS#1", KeyForm.PKCS8_PRIVATE: "PKCS#8"}
_UNCHECKED: Final = Problem(
    "check_certificates",
    "unchecked",
    "it is switched off: neither dates nor chains of the certificates are looked at.",
    "That is for a test environment alone.",
    Severity.WARNING,
)

_Result = TypeVar("_Result")


def as_problem(error: ConfigurationError) -> Problem:
    """Return what an error says as a problem."""
    return Problem(error.setting, error.code, error.problem, error.advice)


def is_error(finding: Finding) -> bool:
    """Say whether no client can be made of what was found."""
    return isinstance(finding, Problem) and finding.severity is Severity.ERROR


@final
@attrs.frozen
class _File:
    """A file of certificates: what it is called, and what is in it."""

    name: str
    certificates: tuple[Certificate, ...]

    @property
    def leaf(self) -> Certificate:
        """Whose file it is; the others are issuers."""
        return self.certificates[0]

    @property
    def summary(self) -> str:
        """Alipay's number of the leaf, and its subject."""
        return f"serial number {self.leaf.cert_sn}, {self.leaf.subject}"


@final
class Judge:
    """Goes through the rules; an error does not hide the next one.

    Args:
        given: what was given.
        thorough: see `diagnose`.
    """

    findings: list[Finding]
    """What was found so far, in the order in which it was looked at."""

    def __init__(self, given: Material, *, thorough: bool) -> None:
        self.findings = []
        self._given = given
        self._now: datetime.datetime = given.clock()
        self._thorough = thorough
        self._alipay_chain: tuple[Certificate, ...] = ()

    def key_mode(self) -> Parts | None:
        """Return what credentials for key mode are made of; `None` after an error."""
        self._look_at_app_id()
        signer = self._attempt(self._signer)
        verifier = self._attempt(self._public_key, signer)
        cipher = self._attempt(self._cipher)
        if signer is None or verifier is None or self._has_errors():
            return None
        return Parts(signer=signer, verifier=verifier, cipher=cipher)

    def certificate_mode(self) -> Parts | None:
        """Return what credentials for certificate mode are made of; `None` after an error."""
        given = self._given
        self._look_at_app_id()
        signer = self._attempt(self._signer)
        root = self._attempt(self._load, "root_certificate", given.root_certificate)
        app = self._attempt(self._load, "app_certificate", given.app_certificate)
        alipay = self._attempt(self._load, "alipay_certificate", given.alipay_certificate)
        root_cert_sn = None if root is None else self._attempt(self._root_cert_sn, root)
        self._look_at_owners(signer, app, alipay)
        if given.check_certificates:
            self._look_at_trust(app, alipay, root)
        else:
            self._note(_UNCHECKED)
        cipher = self._attempt(self._cipher)
        if signer is None or root is None or app is None or alipay is None or self._has_errors():
            return None
        verifier = CertificateVerifier(
            alipay.certificates,
            root.certificates,
            fetch_certificate=given.fetch_certificate,
            check_certificates=False,  # these very certificates have been checked above
            clock=given.clock,
        )
        verifier.watch_dates(self._alipay_chain)
        return Parts(
            signer=signer,
            verifier=verifier,
            app_cert_sn=app.leaf.cert_sn,
            alipay_root_cert_sn=root_cert_sn,
            cipher=cipher,
        )

    def _attempt(self, step: Callable[..., _Result], *values: object) -> _Result | None:
        try:
            return step(*values)
        except ConfigurationError as error:
            self._note(as_problem(error))
            return None

    def _note(self, finding: Finding) -> None:
        self.findings.append(finding)

    def _has_errors(self) -> bool:
        return any(map(is_error, self.findings))

    def _look_at_app_id(self) -> None:
        app_id = self._given.app_id
        self._note(app_id_problem(app_id) or Fact("app_id", app_id))

    def _signer(self) -> Signer:
        name = "private_key"
        given = self._given.private_key
        if not isinstance(given, Path | str | bytes):
            if (problem := signer_problem(given)) is not None:
                raise ConfigurationError.from_problem(problem)
            self._note(Fact(name, "kept elsewhere, by a signer of your own"))
            return given
        content = read_source(given, name)
        signer = RSASigner(content)
        form = _FORMS[key_form(content)]
        what = f"RSA private key of {signer.bits} bits, {form} (PKCS#1 and PKCS#8 are both fine)"
        self._note(Fact(name, what))
        if self._thorough:
            holds = Fact(name, f"a trial signature holds (made by {signer.backend})")
            self._note(trial_problem(signer) or holds)
        return signer

    def _public_key(self, signer: Signer | None) -> RSAVerifier:
        verifier = RSAVerifier(self._given.alipay_public_key)
        what = (
            "RSA public key, and not the application's own "
            "(only a reply can show that it is Alipay's)"
        )
        problem = public_key_problem(verifier, getattr(signer, "fingerprint", None))
        self._note(problem or Fact("alipay_public_key", what))
        return verifier

    def _cipher(self) -> ContentCipher | None:
        name = "encrypt_key"
        if self._given.encrypt_key is None:
            self._note(Fact(name, "none, content is sent as it is"))
            return None
        cipher = ContentCipher(self._given.encrypt_key)
        self._note(Fact(name, f"usable: {cipher!r}"))
        return cipher

    def _load(self, name: str, source: KeySource) -> _File:
        return _File(name, load_certificates(source, name))

    def _root_cert_sn(self, root: _File) -> str:
        root_cert_sn = root_serial_number(root.certificates)
        counted = sum(certificate.is_signed_with_rsa for certificate in root.certificates)
        of_all = f"{counted} of {len(root.certificates)} are signed with RSA and count"
        self._note(Fact(root.name, f"serial number {root_cert_sn} ({of_all})"))
        self._look_at_dates_of_others(root, first=0)
        return root_cert_sn

    def _look_at_owners(
        self, signer: Signer | None, app: _File | None, alipay: _File | None
    ) -> None:
        of_key: str | None = getattr(signer, "fingerprint", None)
        of_app = None if app is None else fingerprint_of(app.leaf)
        if alipay is not None:
            # A signer of the user's own need not know its key: then the certificate is believed.
            problem = alipay_certificate_problem(alipay.leaf, of_key or of_app)
            if problem is None and self._given.check_certificates:
                problem = authority_problem(alipay.leaf, alipay.name)
            self._note(problem or Fact(alipay.name, alipay.summary))
        if app is not None:
            belongs = "" if of_key is None else ", belongs to the private key"
            problem = app_certificate_problem(app.leaf, of_key)
            self._note(problem or Fact(app.name, app.summary + belongs))

    def _look_at_trust(self, app: _File | None, alipay: _File | None, root: _File | None) -> None:
        if app is not None:
            finding = self._date_finding(app.leaf, app.name)
            if isinstance(finding, Problem) and is_error(finding):
                advice = f"Make a new one in the console. {UNCHECKED_ADVICE}"
                finding = attrs.evolve(finding, advice=advice)
            self._note(finding)
            self._look_at_dates_of_others(app, first=1)
            if self._thorough and root is not None:
                self._note(_left_to_alipay(_chain_finding(app, self._chain_of(app, root))))
        if alipay is not None:
            self._note(self._date_finding(alipay.leaf, alipay.name))
            self._look_at_dates_of_others(alipay, first=1)
            if root is not None:
                chain = self._chain_of(alipay, root)
                self._note(_chain_finding(alipay, chain))
                self._alipay_chain = () if isinstance(chain, Problem) else chain

    def _date_finding(self, certificate: Certificate, name: str) -> Finding:
        problem = date_problem(certificate, name, self._now)
        warning = expiry_warning(certificate, name, self._now)
        dates = f"{certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
        days = (certificate.not_after - self._now).days
        return problem or warning or Fact(name, f"valid from {dates}, {days} days left")

    def _look_at_dates_of_others(self, file: _File, *, first: int) -> None:
        """Note the dates of certificates that need not hold: the chain decides which must."""
        if not self._thorough:
            return
        count = len(file.certificates)
        for position, certificate in enumerate(file.certificates[first:], first + 1):
            which = f"certificate {position} of {count}: " if count > 1 else ""
            finding = self._date_finding(certificate, file.name)
            if isinstance(finding, Fact):
                self._note(Fact(file.name, which + finding.text))
            else:
                message = which + finding.message
                # The advice of a rule is for the leaf: nobody can replace one of these alone.
                warning = Severity.WARNING
                self._note(attrs.evolve(finding, message=message, advice="", severity=warning))

    def _chain_of(self, file: _File, root: _File) -> tuple[Certificate, ...] | Problem:
        others = file.certificates[1:]
        return find_chain(file.leaf, others, root.certificates, path=file.name, now=self._now)


def _chain_finding(file: _File, chain: tuple[Certificate, ...] | Problem) -> Finding:
    if isinstance(chain, Problem):
        return chain
    return Fact(file.name, "the signatures lead to a root")


def _left_to_alipay(finding: Finding) -> Finding:
    """Turn the chain of the application's certificate into a warning: Alipay alone decides."""
    if isinstance(finding, Fact):
        return finding
    return attrs.evolve(
        finding,
        message=f"not traced to a root: {finding.message}",
        advice="Alipay will decide; the client does not ask.",
        severity=Severity.WARNING,
    )
