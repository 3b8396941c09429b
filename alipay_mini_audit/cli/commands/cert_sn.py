"""`cert-sn`: the serial numbers that Alipay gives certificates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.crypto import Certificate, load_certificates, root_serial_number

__all__ = ["cert_sn"]


def cert_sn(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Certificates, PEM or DER.")],
    root: Annotated[
        bool, typer.Option("--root", help="A root file: its own serial number first.")
    ] = False,
) -> None:
    """Print serial number, issuer, subject and validity of each certificate in a file.

    The serial number is what Alipay puts into `app_cert_sn`, `alipay-sn` and `alipay-root-cert-sn`.
    """
    with failures_in_one_line():
        _print_certificates(file, root=root)


def _print_certificates(path: Path, *, root: bool) -> None:
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


def _lines(certificate: Certificate, *, root: bool) -> Iterator[str]:
    uncounted = (
        " (not signed with RSA, does not count)"
        if root and not certificate.is_signed_with_rsa
        else ""
    )
    yield f"serial number: {certificate.cert_sn}{uncounted}"
    yield f"issuer:        {printable(certificate.issuer)}"
    yield f"subject:       {printable(certificate.subject)}"
    start = f"{certificate.not_before:%Y-%m-%d %H:%M}"
    end = f"{certificate.not_after:%Y-%m-%d %H:%M}"
    yield f"valid:         {start} to {end} UTC"
