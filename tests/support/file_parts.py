"""File parts as preparation makes them."""

from pathlib import Path

from alipay_mini_audit.attachments import AnySource, FilePart, PathSource
from alipay_mini_audit.files.state import state_of


def part_of(source: AnySource | Path, size: int | None = None, name: str = "app_logo") -> FilePart:
    """Return a part of a file on disk, looked at now, or of anything else."""
    if isinstance(source, Path):
        source = PathSource(source)
    state = None
    if isinstance(source, PathSource):
        status = source.path.stat()
        state, size = state_of(status), status.st_size
    assert size is not None
    return FilePart(
        name=name,
        location=f"attachments.{name}",
        source=source,
        filename="logo.png",
        content_type="image/png",
        size=size,
        state=state,
    )
