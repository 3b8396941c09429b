"""What the seeds keep secret: found anywhere in print, it is a leak."""

import base64

from support.certificates import VECTORS
from support.leaks import pieces_of_key, spellings_of

CANARY = "c4nary-S3CRET-97f1"
"""A token, a password, a licence number."""
CANARIES = frozenset(spellings_of(CANARY))
ENCRYPT_KEY = base64.b64encode(b"c4nary of an AES").decode("ascii")
KEY_PIECES = frozenset(pieces_of_key(VECTORS / "keys" / "app.pkcs8.pem"))
AES_PIECES = frozenset({ENCRYPT_KEY[:20], "c4nary of an AES"})
