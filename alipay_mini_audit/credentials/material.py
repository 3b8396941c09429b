"""What is given for credentials, what is found in it, and what comes of it. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Self, final

import attrs

from alipay_mini_audit.crypto import (
    ContentCipher,
    FetchCertificate,
    KeySource,
    Signer,
    Verifier,
)
from alipay_mini_audit.crypto.trust import SYSTEM_CLOCK, Clock
from alipay_mini_audit.errors import Problem

__all__ = ["Fact", "Finding", "Material", "Parts", "stated"]


@final
@attrs.frozen
class Fact:
    """Something that was looked at and is as it should be.

    Attributes:
        path: what was looked at.
        text: what was found, for a person.
        translations: the text by language, "zh" for one; English is not among them.
    """

    path: str
    text: str
    translations: Mapping[str, str] = attrs.field(factory=dict, repr=False, eq=False, kw_only=True)

    def in_language(self, language: str) -> Self:
        """Return it with its text in a language; as it is if nobody has written it.

        Args:
            language: "zh" or "en".
        """
        return attrs.evolve(self, text=self.translations.get(language, self.text))

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


def stated(
    path: str, english: str, chinese: str, values: Mapping[str, object] | None = None
) -> Fact:
    """Return a fact in both languages, as `told` returns a problem.

    Args:
        path: what was looked at.
        english: what was found.
        chinese: what was found.
        values: what is filled into the texts, by its name there; `None` for nothing.
    """
    given = {} if values is None else values
    translations = {"zh": chinese.format_map(given)}
    return Fact(path, english.format_map(given), translations=translations)


Finding = Fact | Problem


@final
@attrs.frozen(kw_only=True)
class Material:
    """What was given for one mode; the fields of the other mode are empty.

    They are the arguments of `Credentials.from_keys` and `Credentials.from_certificates`.
    """

    is_certificate_mode: bool
    app_id: str
    private_key: KeySource | Signer = attrs.field(repr=False)
    alipay_public_key: KeySource = attrs.field(default=b"", repr=False)
    app_certificate: KeySource = attrs.field(default=b"", repr=False)
    alipay_certificate: KeySource = attrs.field(default=b"", repr=False)
    root_certificate: KeySource = attrs.field(default=b"", repr=False)
    encrypt_key: str | None = attrs.field(default=None, repr=False)
    fetch_certificate: FetchCertificate | None = attrs.field(default=None, repr=False)
    check_certificates: bool = True
    clock: Clock = attrs.field(default=SYSTEM_CLOCK, repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("Material holds keys and is not pickled; gather it in each process")


@final
@attrs.frozen(kw_only=True)
class Parts:
    """What credentials are made of; the fields are those of `Credentials`."""

    signer: Signer
    verifier: Verifier
    app_cert_sn: str | None = None
    alipay_root_cert_sn: str | None = None
    cipher: ContentCipher | None = None
