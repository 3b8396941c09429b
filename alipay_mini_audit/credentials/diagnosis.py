"""What is right and what is wrong with keys and certificates, as `judge` finds it.

The constructors of `Credentials` raise the first error of it, `doctor` prints everything. No output
here, and nothing shows a piece of a private key.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Final, final

import attrs

from alipay_mini_audit.credentials.judge import Judge, is_error
from alipay_mini_audit.credentials.material import Fact, Finding, Material, Parts, stated
from alipay_mini_audit.credentials.settings import CredentialSettings
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import Problem, Severity, told

__all__ = ["Diagnosis", "Fact", "Finding", "diagnose", "examine", "is_error"]

_CLOCK: Final = (
    (
        "this machine says {now} UTC.",
        (
            "Compare it with a clock you trust: "
            "Alipay refuses requests that are more than ten minutes off."
        ),
    ),
    (
        "本机时间为 {now} UTC。",
        "请与可信的时钟核对：时间相差超过十分钟的请求会被支付宝拒绝。",
    ),
)
_MODES: Final = {
    True: ("complete, for certificate mode", "完整，用于证书模式"),
    False: ("complete, for key mode", "完整，用于公钥模式"),
}


@final
@attrs.frozen
class Diagnosis:
    """What was found, in the order in which it was looked at.

    Attributes:
        findings: facts and problems.
        parts: what the material gave; `None` if there is an error among the problems.
    """

    findings: tuple[Finding, ...]
    parts: Parts | None = attrs.field(repr=False)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors and warnings."""
        return tuple(found for found in self.findings if isinstance(found, Problem))

    def usable_parts(self) -> Parts:
        """Return what the credentials are made of.

        Raises:
            ConfigurationError: there are errors among the problems; it is the first of them.
        """
        if self.parts is None:
            raise ConfigurationError.from_problem(next(filter(is_error, self.problems)))
        return self.parts


def diagnose(material: Material, *, thorough: bool = False) -> Diagnosis:
    """Look at what was given for credentials.

    Args:
        material: what was given.
        thorough: look also at what no constructor waits for or decides by: a trial signature, the
            chain of the application's certificate, the dates of all certificates in a file.
    """
    judge = Judge(material, thorough=thorough)
    parts = judge.certificate_mode() if material.is_certificate_mode else judge.key_mode()
    return Diagnosis(tuple(judge.findings), parts)


def examine(
    read: Callable[[], CredentialSettings],
    now: datetime.datetime,
    *,
    check_certificates: bool | None = None,
) -> Iterator[Finding]:
    """Check everything that can be checked without the platform: what `doctor` says.

    Args:
        read: returns what was given.
        now: the time, aware.
        check_certificates: whether to look at dates and chains; `None` leaves it to what was given.

    Yields:
        Facts and problems, called as they were given; the last one tells the time.
    """
    try:
        settings = read()
    except ConfigurationError as error:
        yield error.as_problem()
    else:
        if check_certificates is not None:
            settings = attrs.evolve(settings, check_certificates=check_certificates)
        yield from _examine_settings(settings, now)
    time = {"now": f"{now:%Y-%m-%d %H:%M:%S}"}
    yield told("clock", "compare_clock", *_CLOCK, severity=Severity.WARNING, values=time)


def _examine_settings(settings: CredentialSettings, now: datetime.datetime) -> Iterator[Finding]:
    yield stated("settings", *_MODES[settings.is_certificate_mode])
    material = attrs.evolve(settings.to_material(), clock=lambda: now)
    diagnosis = diagnose(material, thorough=True)
    for finding in diagnosis.findings:
        yield attrs.evolve(finding, path=settings.name_of(finding.path))
    if diagnosis.parts is not None:
        yield stated("credentials", "a client accepts them", "客户端可以使用")
