"""`alipay-mini-audit cert-sn`: a block for each certificate of a file."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import certificates
from support.certificates import VECTORS, pem, root

from alipay_mini_audit import __main__

KEYS = VECTORS / "keys"
FILES = VECTORS / "certificates"
ISSUER = "CN=Test Certification Authority R1,OU=Certification Authority,O=Ant Financial,C=CN"

Run = Callable[..., tuple[object, list[str], str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process; return exit status, lines on stdout, and stderr."""

    def run(*arguments: object) -> tuple[object, list[str], str]:
        monkeypatch.setattr(sys, "argv", ["alipay-mini-audit", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out.splitlines(), printed.err

    return run


def test_cert_sn_prints_a_block_for_a_certificate(run: Run) -> None:
    assert run("cert-sn", FILES / "app.crt") == (
        0,
        [
            "serial number: c2968cfbb66f1b62d4cf31d02c102de1",
            f"issuer:        {ISSUER}",
            "subject:       CN=测试应用-2021000000000001,OU=2021000000000001,O=Test ISV,C=CN",
            "valid:         2024-01-01 00:00 to 2049-01-01 00:00 UTC",
        ],
        "",
    )


def test_cert_sn_prints_the_serial_number_of_a_bundle_first(run: Run, tmp_path: Path) -> None:
    bundle = tmp_path / "root.crt"
    bundle.write_bytes(
        certificates.armour(certificates.sm2()) + (FILES / "root.crt").read_bytes() + pem(root())
    )
    status, lines, stderr = run("cert-sn", bundle, "--root")
    own = certificates.serial_number("CN=root", 1)
    assert (status, stderr) == (0, "")
    assert lines[0] == f"root serial number: 4eb301c24b1d5f4db3c37b634428300d_{own}"
    numbers = [line for line in lines if line.startswith("serial number: ")]
    sm2 = certificates.serial_number("CN=Hand R1,C=CN", 7629940819692799611)
    assert numbers == [
        f"serial number: {sm2} (not signed with RSA, does not count)",
        "serial number: 4eb301c24b1d5f4db3c37b634428300d",
        f"serial number: {own}",
    ]
    assert [position for position, line in enumerate(lines) if not line] == [1, 6, 11]
    assert len(run("cert-sn", bundle)[1]) == 14


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "cannot be read: No such file or directory."),
        (b"", "x.crt: it is empty."),
        (
            b"garbage",
            "there is no certificate in it that can be read. It may be cut short or damaged.",
        ),
        (
            (KEYS / "app.pkcs8.pem").read_bytes(),
            "there is no certificate in it that can be read. This is a key.",
        ),
    ],
)
def test_a_file_that_cert_sn_cannot_read_is_one_line(
    run: Run, tmp_path: Path, content: bytes | None, text: str
) -> None:
    if content is not None:
        (tmp_path / "x.crt").write_bytes(content)
    for options in ([], ["--root"]):
        status, lines, stderr = run("cert-sn", tmp_path / "x.crt", *options)
        assert (status, lines, stderr.count("\n")) == (1, [], 1)
        assert text in stderr


def test_a_bundle_without_rsa_has_no_serial_number(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sm2.crt").write_bytes(certificates.armour(certificates.sm2()))
    status, lines, stderr = run("cert-sn", "--root", tmp_path / "sm2.crt")
    assert (status, lines, stderr.count("\n")) == (1, [], 1)
    assert "there is no RSA certificate in it" in stderr


def test_a_name_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    subject = certificates.name(certificates.attribute("2.5.4.3", "a\x1b[2Jb\nc"))
    (tmp_path / "x.crt").write_bytes(certificates.by_hand(subject=subject))
    assert run("cert-sn", tmp_path / "x.crt")[1][2] == "subject:       CN=a\ufffd[2Jb\ufffdc"


def test_a_program_reads_json(run: Run) -> None:
    status, lines, stderr = run("cert-sn", FILES / "root.crt", "--root", "--json")
    assert (status, stderr) == (0, "")
    found = json.loads("\n".join(lines))
    assert found["root_serial_number"] == found["certificates"][0]["serial_number"]
    _, lines, _ = run("cert-sn", FILES / "app.crt", "--json")
    assert json.loads("\n".join(lines)) == {
        "root_serial_number": None,
        "certificates": [
            {
                "serial_number": "c2968cfbb66f1b62d4cf31d02c102de1",
                "issuer": ISSUER,
                "subject": "CN=测试应用-2021000000000001,OU=2021000000000001,O=Test ISV,C=CN",
                "not_before": "2024-01-01T00:00:00+00:00",
                "not_after": "2049-01-01T00:00:00+00:00",
                "is_signed_with_rsa": True,
            }
        ],
    }


def test_it_speaks_the_language_that_is_chosen(run: Run, tmp_path: Path) -> None:
    _, lines, _ = run("cert-sn", FILES / "app.crt", "--lang", "zh")
    assert lines[0] == "序列号：c2968cfbb66f1b62d4cf31d02c102de1"
    status, _, stderr = run("cert-sn", tmp_path / "none", "--lang", "zh")
    assert (status, "无法读取" in stderr) == (1, True)
