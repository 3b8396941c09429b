"""Keys, signers and verifiers. No network and no clock; only construction from a `Path` reads a file."""

from alipay_mini_audit.crypto.interfaces import Signer, Verifier
from alipay_mini_audit.crypto.keys import KeySource
from alipay_mini_audit.crypto.rsa import RSASigner, RSAVerifier

__all__ = ["KeySource", "RSASigner", "RSAVerifier", "Signer", "Verifier"]
