"""A disk with hardly any room, as far as this process is told."""

import contextlib
import sys
from collections.abc import Iterator

import pytest

resource = pytest.importorskip("resource")


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse files of this process beyond a size in bytes.

    No module is compiled meanwhile: half of it would be left to all who import it later.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
