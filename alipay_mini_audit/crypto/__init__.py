"""Keys, certificates, signers, verifiers, the content cipher.

Only construction from a `Path` reads a file, and no clock is read but the one that is given.
"""

from alipay_mini_audit.crypto.certificates import Certificate, load_certificates, root_serial_number
from alipay_mini_audit.crypto.cipher import ContentCipher
from alipay_mini_audit.crypto.encoding import KeySource
from alipay_mini_audit.crypto.interfaces import Signer, Verifier
from alipay_mini_audit.crypto.rsa import RSASigner, RSAVerifier
from alipay_mini_audit.crypto.trust import CertificateVerifier, FetchCertificate

__all__ = [
    "Certificate",
    "CertificateVerifier",
    "ContentCipher",
    "FetchCertificate",
    "KeySource",
    "RSASigner",
    "RSAVerifier",
    "Signer",
    "Verifier",
    "load_certificates",
    "root_serial_number",
]
