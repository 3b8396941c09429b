"""`cert-sn`: the serial numbers that Alipay gives certificates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alipay_mini_audit.cli.console import printable
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import documented, said

if TYPE_CHECKING:
    from alipay_mini_audit.crypto import Certificate

__all__ = ["cert_sn"]


@documented(
    "输出文件中每张证书的序列号、颁发者、使用者和有效期。\n\n"
    "序列号即支付宝在 `app_cert_sn`、`alipay-sn` 和 `alipay-root-cert-sn` 中使用的值。"
)
def cert_sn(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=said("Certificates, PEM or DER.", "证书文件，PEM 或 DER 格式。")
        ),
    ],
    root: Annotated[
        bool,
        typer.Option(
            "--root",
            help=said(
                "A root file: its own serial number first.",
                "这是根证书文件：先输出其自身的序列号。",
            ),
        ),
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
    from alipay_mini_audit.crypto import load_certificates, root_serial_number

    certificates = load_certificates(path, path.name)
    if root:
        label = said("root serial number: ", "根证书序列号：")
        typer.echo(f"{label}{root_serial_number(certificates, path.name)}\n")
    blocks = ["\n".join(_lines(certificate, root=root)) for certificate in certificates]
    typer.echo("\n\n".join(blocks))


def _lines(certificate: Certificate, *, root: bool) -> Iterator[str]:
    is_uncounted = root and not certificate.is_signed_with_rsa
    uncounted = said(" (not signed with RSA, does not count)", "（非 RSA 签名，不计入）")
    label = said("serial number: ", "序列号：")
    yield f"{label}{certificate.cert_sn}{uncounted if is_uncounted else ''}"
    yield f"{said('issuer:        ', '颁发者：')}{printable(certificate.issuer)}"
    yield f"{said('subject:       ', '使用者：')}{printable(certificate.subject)}"
    start = f"{certificate.not_before:%Y-%m-%d %H:%M}"
    end = f"{certificate.not_after:%Y-%m-%d %H:%M}"
    yield said(f"valid:         {start} to {end} UTC", f"有效期：{start} 至 {end} UTC")
