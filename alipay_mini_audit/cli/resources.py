"""Text files that lie beside modules: templates, styles and scripts of pages."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["text_beside"]


def text_beside(package: str, name: str) -> str:
    """Return a text file of a package.

    Args:
        package: where it lies, e.g. `alipay_mini_audit.batch.report`.
        name: of the file.
    """
    return files(package).joinpath(name).read_text(encoding="utf-8")
