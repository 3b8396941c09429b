"""`cert-sn`: the serial numbers that Alipay gives certificates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alipay_mini_audit.cli.console import print_json, printable
from alipay_mini_audit.cli.exits import failures_in_one_line
from alipay_mini_audit.cli.language import chosen, documented, said
from alipay_mini_audit.cli.options import AsJson, Lang

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
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Print serial number, issuer, subject and validity of each certificate in a file.

    The serial number is what Alipay puts into `app_cert_sn`, `alipay-sn` and `alipay-root-cert-sn`.
    """
    with failures_in_one_line():
        language = chosen(lang)
    with failures_in_one_line(language):
        _print_certificates(file, language, root=root, as_json=as_json)


def _print_certificates(path: Path, language: str, *, root: bool, as_json: bool) -> None:
    """Print a block for each certificate of a file.

    Args:
        path: the file.
        language: "zh" or "en".
        root: it is a root bundle, so its own serial number comes first.
        as_json: a program reads stdout.

    Raises:
        ConfigurationError: the file cannot be read, or there is nothing usable in it.
    """
    from alipay_mini_audit.crypto import load_certificates, root_serial_number

    certificates = load_certificates(path, path.name)
    own = root_serial_number(certificates, path.name) if root else None
    if as_json:
        facts = [_facts(certificate) for certificate in certificates]
        print_json({"root_serial_number": own, "certificates": facts})
        return
    if own is not None:
        typer.echo(f"{said('root serial number: ', '根证书序列号：', language)}{own}\n")
    blocks = ["\n".join(_lines(certificate, language, root=root)) for certificate in certificates]
    typer.echo("\n\n".join(blocks))


def _facts(certificate: Certificate) -> dict[str, object]:
    return {
        "serial_number": certificate.cert_sn,
        "issuer": certificate.issuer,
        "subject": certificate.subject,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
        "is_signed_with_rsa": certificate.is_signed_with_rsa,
    }


def _lines(certificate: Certificate, language: str, *, root: bool) -> Iterator[str]:
    issuer, subject = printable(certificate.issuer), printable(certificate.subject)
    start = f"{certificate.not_before:%Y-%m-%d %H:%M}"
    end = f"{certificate.not_after:%Y-%m-%d %H:%M}"
    note = ""
    if root and not certificate.is_signed_with_rsa:
        note = said(" (not signed with RSA, does not count)", "（非 RSA 签名，不计入）", language)
    yield f"{said('serial number: ', '序列号：', language)}{certificate.cert_sn}{note}"
    yield f"{said('issuer:        ', '颁发者：', language)}{issuer}"
    yield f"{said('subject:       ', '使用者：', language)}{subject}"
    yield said(f"valid:         {start} to {end} UTC", f"有效期：{start} 至 {end} UTC", language)
