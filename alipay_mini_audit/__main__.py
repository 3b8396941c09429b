"""`python -m alipay_mini_audit`, and the console script `alipay-mini-audit`."""

from __future__ import annotations

import sys
from typing import Final

__all__ = ["main"]

_EXTRA: Final = ("click", "rich", "typer")


def main() -> None:
    """Run the command line.

    Exit status: 0 done, 1 failed, 2 used wrongly or not installed, 130 Ctrl-C.
    """
    try:
        from alipay_mini_audit.cli.app import app  # noqa: PLC0415  # needs the extra

        app(prog_name="alipay-mini-audit")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("The command line is an extra: pip install 'alipay-mini-audit[cli]'\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
