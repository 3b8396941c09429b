"""Without the extra `batch` content is hashed all the same, though not in passing."""

import hashlib
import subprocess
import sys

PROGRAM = """
import sys
sys.modules["xxhash"] = None  # as if it were not installed
import asyncio
from alipay_mini_audit.attachments import BytesSource, FilePart
from alipay_mini_audit.files import FileDigests

digests = FileDigests()
part = FilePart("app_logo", "x", BytesSource(b"abc"), "logo.png", "image/png", 3)
print(digests.in_passing(), asyncio.run(digests.of([part]))["app_logo"])
"""


def test_without_the_extra_it_is_another_hash() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["None", f"sha256:{hashlib.sha256(b'abc').hexdigest()}"]
