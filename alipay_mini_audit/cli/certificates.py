"""`cert-sn` and what `doctor` prints: plain text, one line for each fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

from alipay_mini_audit.cli.doctor import Finding, State
from alipay_mini_audit.cli.ending import CommandFailed
from alipay_mini_audit.crypto import Certificate, load_certificates, root_serial_number

__all__ = ["print_certificates", "print_findings"]


def print_certificates(path: Path, *, root: bool) -> None:
    """Print a block for each certificate of a file.

    Args:
        path: the file.
        root: it is a root bundle, so its own serial number comes first.

    Raises:
        ConfigurationError: the file cannot be read, or there is nothing usable in it.
    """
    certificates = load_certificates(path, path.name)
    if root:
        typer.echo(f"root serial number: {root_serial_number(certificates, path.name)}\n")
    blocks = ["\n".join(_lines(certificate, root=root)) for certificate in certificates]
    typer.echo("\n\n".join(blocks))


def print_findings(findings: Iterable[Finding]) -> None:
    """Print a line for each finding.

    Raises:
        CommandFailed: there are problems among them.
    """
    problems = 0
    for finding in findings:
        problems += finding.state is State.PROBLEM
        typer.echo(f"{finding.state.value:<7}  {_printable(finding.text)}")
    if problems:
        raise CommandFailed(f"{problems} problem{'s' if problems > 1 else ''} found.")


def _lines(certificate: Certificate, *, root: bool) -> Iterator[str]:
    uncounted = (
        " (not signed with RSA, does not count)"
        if root and not certificate.is_signed_with_rsa
        else ""
    )
    yield f"serial number: {certificate.serial_number}{uncounted}"
    yield f"issuer:        {_printable(certificate.issuer)}"
    yield f"subject:       {_printable(certificate.subject)}"
    yield f"valid:         {certificate.not_before:%Y-%m-%d %H:%M} to {certificate.not_after:%Y-%m-%d %H:%M} UTC"


def _printable(text: str) -> str:
    """Return a text without what could steer a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
