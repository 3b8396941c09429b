"""Keys, certificates, settings: the doors of `Credentials`, and two commands that read them."""

import contextlib
import functools
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from support import certificates
from support.certificates import NOW, VECTORS, by_hand, integer, oid, tlv
from typer.testing import CliRunner

from alipay_mini_audit import Credentials
from alipay_mini_audit.cli.app import app
from alipay_mini_audit.crypto import CertificateVerifier, RSASigner
from alipay_mini_audit.errors import UntrustedReply
from fuzz.der import DER
from fuzz.judge import Door, Seen, Target
from fuzz.mutators import BYTES
from fuzz.secrets import AES_PIECES, ENCRYPT_KEY, KEY_PIECES
from fuzz.tokens import TOML, words

APP_ID = "2021000000000001"
KEYS, FILES = VECTORS / "keys", VECTORS / "certificates"
PUBLIC = (KEYS / "alipay.public.pem").read_bytes()
APP, ALIPAY, ROOT = ((FILES / f"{name}.crt").read_bytes() for name in ("app", "alipay", "root"))
ALIPAY_SN = "0" * 32
RSA_KEY = tlv(0x30, oid("1.2.840.113549.1.1.1"), b"\x05\x00")


def files(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(KEYS.glob(pattern))]


def private_seeds() -> list[bytes]:
    key = certificates.key("app")
    return [
        *files("app.pk*"),
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    ]


def public_key(modulus: int, exponent: int) -> bytes:
    """Return a public key as the console shows it, in DER."""
    numbers = tlv(0x30, integer(modulus), integer(exponent))
    return tlv(0x30, RSA_KEY, tlv(0x03, b"\x00", numbers))


def public_seeds() -> list[bytes]:
    key = certificates.key("alipay").public_key()
    modulus = key.public_numbers().n
    return [
        *files("alipay.public.*"),
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        key.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        key.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        public_key(modulus, 3),
        APP,
    ]


def certificate_seeds() -> list[bytes]:
    root, middle, leaf = certificates.root(), certificates.middle(), certificates.below()
    return [
        *(path.read_bytes() for path in sorted(FILES.glob("*.crt"))),
        *(made.public_bytes(Encoding.DER) for made in (root, middle, leaf)),
        certificates.pem(leaf, middle, root),
        ALIPAY + ROOT,
        certificates.armour(certificates.sm2()) + ROOT,
        by_hand(),
    ]


def toml(**settings: str) -> bytes:
    texts = [f"{name} = '''{value}'''" for name, value in settings.items()]
    return "\n".join(["# settings", *texts, ""]).encode()


def settings_seeds() -> list[bytes]:
    private = (KEYS / "app.pkcs8.pem").read_text()
    line = (KEYS / "app.pkcs8.b64").read_text().strip()
    key = {"app_id": APP_ID, "private_key": private, "alipay_public_key": PUBLIC.decode()}
    certificate = {
        "app_certificate": APP.decode(),
        "alipay_certificate": ALIPAY.decode(),
        "root_certificate": ROOT.decode(),
    }
    names = {name: f"{name}.crt" for name in certificate}
    return [
        toml(**key),
        toml(**key | {"private_key": line, "encrypt_key": ENCRYPT_KEY}),
        toml(app_id=APP_ID, private_key=private, **certificate),
        toml(app_id=APP_ID, private_key_file="private_key.pem", **names),
        toml(**key | {"private_key": "private_key.pem"}),
        f'app_id="{APP_ID}"\nprivate_key="{line}"\nencrypt_key="{ENCRYPT_KEY}"\n'.encode(),
    ]


def lay_out(folder: Path) -> None:
    """Put there the files that the settings name."""
    (folder / "private_key.pem").write_bytes((KEYS / "app.pkcs8.pem").read_bytes())
    for name, content in (
        ("app_certificate", APP),
        ("alipay_certificate", ALIPAY),
        ("root_certificate", ROOT),
    ):
        (folder / f"{name}.crt").write_bytes(content)


def pick(data: bytes, count: int) -> int:
    """Return a number below `count` that only the input decides."""
    return zlib.crc32(data) % count


def as_given(data: bytes) -> bytes | str:
    return data.decode("utf-8", "surrogateescape") if pick(data, 3) == 0 else data


@contextlib.contextmanager
def open_private(_: Path) -> Iterator[Door]:
    def door(data: bytes) -> Seen:
        made = Credentials.from_keys(APP_ID, as_given(data), PUBLIC)
        assert isinstance(made.signer, RSASigner)
        return Seen("accepted" if made.signer.is_sound() else "accepted, unsound", repr(made))

    yield door


@contextlib.contextmanager
def open_public(_: Path) -> Iterator[Door]:
    def door(data: bytes) -> Seen:
        made = Credentials.from_keys(APP_ID, app_signer(), as_given(data))
        with contextlib.suppress(UntrustedReply):
            made.verifier.verify(b"message", bytes(256), alipay_cert_sn=None)
        return Seen(shown=repr(made))

    yield door


@functools.cache
def app_signer() -> RSASigner:
    return RSASigner(KEYS / "app.pkcs8.pem")


def credentials(
    app: bytes = APP, alipay: bytes = ALIPAY, root: bytes = ROOT, *, check: bool = True
) -> Credentials:
    return Credentials.from_certificates(
        APP_ID, app_signer(), app, alipay, root, check_certificates=check, clock=lambda: NOW
    )


def fetched(data: bytes) -> CertificateVerifier:
    verifier = CertificateVerifier(ALIPAY, ROOT, clock=lambda: NOW)
    verifier.accept(data, ALIPAY_SN)
    return verifier


CERTIFICATE_DOORS: dict[str, Callable[[bytes], Credentials | CertificateVerifier]] = {
    "app-certificate": lambda data: credentials(app=data),
    "alipay-certificate": lambda data: credentials(alipay=data),
    "root-certificate": lambda data: credentials(root=data),
    "unchecked-certificate": lambda data: credentials(alipay=data, root=data, check=False),
    "certificate-verifier": lambda data: CertificateVerifier(data, data, clock=lambda: NOW),
    "fetched-certificate": fetched,
}


@contextlib.contextmanager
def open_certificates(name: str, _: Path) -> Iterator[Door]:
    make = CERTIFICATE_DOORS[name]

    def door(data: bytes) -> Seen:
        made = make(data)
        verifier = made.verifier if isinstance(made, Credentials) else made
        with contextlib.suppress(UntrustedReply):
            verifier.verify(b"message", bytes(256), alipay_cert_sn=None)
        return Seen(shown=repr(made))

    yield door


@contextlib.contextmanager
def open_settings(folder: Path) -> Iterator[Door]:
    lay_out(folder)
    file = folder / "alipay.toml"

    def door(data: bytes) -> Seen:
        file.write_bytes(data)
        return Seen(shown=repr(Credentials.from_file(file)))

    yield door


@contextlib.contextmanager
def open_command(command: str, option: str, folder: Path) -> Iterator[Door]:
    """Give the input to a command, as the file behind its option."""
    lay_out(folder)
    file = folder / "given"

    def door(data: bytes) -> Seen:
        file.write_bytes(data)
        done = CliRunner().invoke(app, [command, option, str(file)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Seen(f"exit {done.exit_code}", done.output)

    yield door


KEY = (*BYTES, *DER)
SETTINGS = (*BYTES, *DER, *words(TOML))
SECRETS = KEY_PIECES | AES_PIECES
TARGETS = (
    Target("private-keys", 20, private_seeds(), KEY, open_private, KEY_PIECES),
    Target("public-keys", 20, public_seeds(), KEY, open_public),
    *(
        Target(
            name,
            10,
            certificate_seeds(),
            (*BYTES, *DER, *DER),
            functools.partial(open_certificates, name),
        )
        for name in CERTIFICATE_DOORS
    ),
    Target(
        "cert-sn",
        4,
        certificate_seeds(),
        KEY,
        functools.partial(open_command, "cert-sn", "--root"),
    ),
    Target("settings", 25, settings_seeds(), SETTINGS, open_settings, SECRETS),
    Target(
        "doctor",
        3,
        settings_seeds(),
        SETTINGS,
        functools.partial(open_command, "doctor", "--credentials"),
        SECRETS,
    ),
)
