"""`python -m alipay_mini_audit`, and the console script `alipay-mini-audit`."""

from __future__ import annotations

import signal
import sys
from typing import Final

from alipay_mini_audit.cli.exits import ExitStatus, signal_status

__all__ = ["main"]

_EXTRA: Final = ("click", "rich", "typer")


def main() -> None:
    """Run the command line; it ends the program with one of the statuses of `cli.exits`."""
    try:
        from alipay_mini_audit.cli.app import app  # noqa: PLC0415  # needs the extra

        app(prog_name="alipay-mini-audit")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("The command line is an extra: pip install 'alipay-mini-audit[cli]'\n")
        sys.exit(ExitStatus.MISUSED)
    except KeyboardInterrupt:
        sys.exit(signal_status(signal.SIGINT))


if __name__ == "__main__":
    main()
