"""Applies every rule to the material of credentials, and notes facts and problems."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, final

import attrs

from alipay_mini_audit.credentials.material import Fact, Finding, Material, Parts, stated
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
from alipay_mini_audit.crypto.faults import CHINESE_UNCHECKED_ADVICE, UNCHECKED_ADVICE
from alipay_mini_audit.crypto.keys import KeyForm, key_form
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import Problem, Severity, retold, told

__all__ = ["Judge", "is_error"]

_FORMS: Final = {KeyForm.PKCS1_PRIVATE: "PKCS#1", KeyForm.PKCS8_PRIVATE: "PKCS#8"}
_UNCHECKED: Final = told(
    "check_certificates",
    "unchecked",
    (
        "it is switched off: neither dates nor chains of the certificates are looked at.",
        "That is for a test environment alone.",
    ),
    ("检查已关闭：不检查证书的有效期和证书链。", "仅限测试环境使用。"),
    Severity.WARNING,
)
_KEPT_ELSEWHERE: Final = "kept elsewhere, by a signer of your own", "由您自己的签名器保管"
_PRIVATE_KEY: Final = (
    "RSA private key of {bits} bits, {form} (PKCS#1 and PKCS#8 are both fine)",
    "{bits} 位 RSA 私钥，{form}（PKCS#1 与 PKCS#8 均可）",
)
_TRIAL: Final = (
    "a trial signature holds (made by {backend})",
    "试签名验证通过（由 {backend} 计算）",
)
_PUBLIC_KEY: Final = (
    "RSA public key, and not the application's own (only a reply can show that it is Alipay's)",
    "RSA 公钥，且不是应用自己的公钥（是否为支付宝公钥，要收到应答才能确认）",
)
_NO_CIPHER: Final = "none, content is sent as it is", "未设置，内容不加密"
_CIPHER: Final = "usable: {cipher!r}", "可用：{cipher!r}"
_ROOT: Final = (
    "serial number {number} ({counted} of {count} are signed with RSA and count)",
    "序列号 {number}（{count} 张中有 {counted} 张以 RSA 签名，计入序列号）",
)
_SUMMARY: Final = "serial number {number}, {subject}", "序列号 {number}，{subject}"
_BELONGS: Final = (
    "serial number {number}, {subject}, belongs to the private key",
    "序列号 {number}，{subject}，与私钥匹配",
)
_RENEW: Final = (
    ("{message}", f"Make a new one in the console. {UNCHECKED_ADVICE}"),
    ("{message}", f"请在控制台重新生成。{CHINESE_UNCHECKED_ADVICE}"),
)
_DATES: Final = (
    "valid from {start} to {end}, {days} days left",
    "有效期 {start} 至 {end}，剩余 {days} 天",
)
_ONE_OF_MANY: Final = (
    "certificate {position} of {count}: {message}",
    "第 {position} 张证书（共 {count} 张）：{message}",
)
_CHAIN: Final = "the signatures lead to a root", "签名可追溯到根证书"
_LEFT_TO_ALIPAY: Final = (
    ("not traced to a root: {message}", "Alipay will decide; the client does not ask."),
    ("未能追溯到根证书：{message}", "由支付宝判定，客户端不检查。"),
)

_Result = TypeVar("_Result")


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

    def summary(self, *, belongs: bool = False) -> Fact:
        """Return Alipay's number of the leaf, and its subject.

        Args:
            belongs: say also that it belongs to the private key.
        """
        facts = {"number": self.leaf.cert_sn, "subject": self.leaf.subject}
        return stated(self.name, *(_BELONGS if belongs else _SUMMARY), facts)


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
            self._note(error.as_problem())
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
            self._note(stated(name, *_KEPT_ELSEWHERE))
            return given
        content = read_source(given, name)
        signer = RSASigner(content)
        traits = {"bits": signer.bits, "form": _FORMS[key_form(content)]}
        self._note(stated(name, *_PRIVATE_KEY, traits))
        if self._thorough:
            holds = stated(name, *_TRIAL, {"backend": signer.backend})
            self._note(trial_problem(signer) or holds)
        return signer

    def _public_key(self, signer: Signer | None) -> RSAVerifier:
        verifier = RSAVerifier(self._given.alipay_public_key)
        problem = public_key_problem(verifier, getattr(signer, "fingerprint", None))
        self._note(problem or stated("alipay_public_key", *_PUBLIC_KEY))
        return verifier

    def _cipher(self) -> ContentCipher | None:
        name = "encrypt_key"
        if self._given.encrypt_key is None:
            self._note(stated(name, *_NO_CIPHER))
            return None
        cipher = ContentCipher(self._given.encrypt_key)
        self._note(stated(name, *_CIPHER, {"cipher": cipher}))
        return cipher

    def _load(self, name: str, source: KeySource) -> _File:
        return _File(name, load_certificates(source, name))

    def _root_cert_sn(self, root: _File) -> str:
        root_cert_sn = root_serial_number(root.certificates)
        counted = sum(certificate.is_signed_with_rsa for certificate in root.certificates)
        facts = {"number": root_cert_sn, "counted": counted, "count": len(root.certificates)}
        self._note(stated(root.name, *_ROOT, facts))
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
            self._note(problem or alipay.summary())
        if app is not None:
            problem = app_certificate_problem(app.leaf, of_key)
            self._note(problem or app.summary(belongs=of_key is not None))

    def _look_at_trust(self, app: _File | None, alipay: _File | None, root: _File | None) -> None:
        if app is not None:
            finding = self._date_finding(app.leaf, app.name)
            if isinstance(finding, Problem) and is_error(finding):
                finding = retold(finding, *_RENEW)
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
        dates = {
            "start": f"{certificate.not_before:%Y-%m-%d}",
            "end": f"{certificate.not_after:%Y-%m-%d}",
            "days": (certificate.not_after - self._now).days,
        }
        return problem or warning or stated(name, *_DATES, dates)

    def _look_at_dates_of_others(self, file: _File, *, first: int) -> None:
        """Note the dates of certificates that need not hold: the chain decides which must."""
        if not self._thorough:
            return
        count = len(file.certificates)
        for position, certificate in enumerate(file.certificates[first:], first + 1):
            finding = self._date_finding(certificate, file.name)
            self._note(_of_another(finding, position, count))

    def _chain_of(self, file: _File, root: _File) -> tuple[Certificate, ...] | Problem:
        others = file.certificates[1:]
        return find_chain(file.leaf, others, root.certificates, path=file.name, now=self._now)


def _of_another(finding: Finding, position: int, count: int) -> Finding:
    """Say whose dates these are, and make a warning of what is wrong with them."""
    english, chinese = _ONE_OF_MANY if count > 1 else ("{message}", "{message}")
    which = {"position": position, "count": count}
    if isinstance(finding, Problem):
        # The advice of a rule is for the leaf: nobody can replace one of these alone.
        return retold(finding, (english, ""), (chinese, ""), Severity.WARNING, which)
    own = finding.in_language("zh").text
    return Fact(
        finding.path,
        english.format_map({**which, "message": finding.text}),
        translations={"zh": chinese.format_map({**which, "message": own})},
    )


def _chain_finding(file: _File, chain: tuple[Certificate, ...] | Problem) -> Finding:
    if isinstance(chain, Problem):
        return chain
    return stated(file.name, *_CHAIN)


def _left_to_alipay(finding: Finding) -> Finding:
    """Turn the chain of the application's certificate into a warning: Alipay alone decides."""
    if isinstance(finding, Fact):
        return finding
    return retold(finding, *_LEFT_TO_ALIPAY, severity=Severity.WARNING)
