"""`Keyring`: the keys and certificates that a platform uses now, and those that it used before."""

from __future__ import annotations

import asyncio
from typing import final

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.sandbox.pki.identity import Identity
from alipay_mini_audit.sandbox.pki.material import Material

__all__ = ["Keyring"]


@final
class Keyring:
    """The keys and certificates of one platform.

    Args:
        material: keys and certificates to begin with.
        encrypt_key: AES key of encrypted calls, in base64; `None` takes the material's, if it has
            one.

    Attributes:
        material: the keys and certificates in use; another value after a change of certificate.
        encrypt_key: AES key of encrypted calls; `None` if calls are not encrypted.
    """

    def __init__(self, material: Material, encrypt_key: str | None = None) -> None:
        self.material = material
        self.encrypt_key = material.encrypt_key if encrypt_key is None else encrypt_key
        self._identity: Identity | None = None
        self._before: tuple[Material, Identity] | None = None
        """What `restore` brings back; `None` if nothing is to be undone."""
        self._restores = 0
        self._certificates: dict[str, str] = {}

    def identity(self) -> Identity:
        """Return what the platform signs with now, and what a client needs to trust it.

        The first call parses the keys: blocking, tens of milliseconds.

        Raises:
            ConfigurationError: a key is unusable.
        """
        if self._identity is not None:
            return self._identity
        identity = Identity.make(self.material, self.encrypt_key)
        self._use(self.material, identity)
        return identity

    def certificate_of(self, alipay_cert_sn: str) -> str:
        """Return a certificate that the platform uses or used, PEM.

        Args:
            alipay_cert_sn: its serial number, as answers name it in `alipay-sn`.

        Raises:
            ConfigurationError: the platform never used it, or a key is unusable.
        """
        self.identity()
        if alipay_cert_sn not in self._certificates:
            raise ConfigurationError(
                "alipay_cert_sn", "the sandbox never used a certificate with this serial number."
            )
        return self._certificates[alipay_cert_sn]

    async def change_certificate(
        self, *, expired: bool = False, forged: bool = False, passing: bool = False
    ) -> str:
        """Sign with a new key and certificate from now on; they are made in a worker thread.

        Args:
            expired: whether the certificate has expired already.
            forged: whether it only names the root as its issuer, and another key signed it.
            passing: whether `restore` undoes it, even while it is being made.

        Returns:
            The serial number of the certificate that is in use then.

        Raises:
            ConfigurationError: the material lacks the root's private key.
        """
        restores = self._restores
        successor = await asyncio.to_thread(self.material.successor, expired=expired, forged=forged)
        identity = await asyncio.to_thread(Identity.make, successor, self.encrypt_key)
        if not passing:
            self._before = None
        elif restores == self._restores:
            self._before = self._before or (self.material, self.identity())
        else:
            return self.identity().signer.alipay_sn
        self._use(successor, identity)
        return identity.signer.alipay_sn

    def restore(self) -> None:
        """Sign again with what was in use before the changes that pass, if there were any."""
        self._restores += 1
        if self._before is not None:
            self._use(*self._before)
            self._before = None

    def _use(self, material: Material, identity: Identity) -> None:
        self.material = material
        self._identity = identity
        self._certificates[identity.signer.alipay_sn] = material.alipay_certificate
