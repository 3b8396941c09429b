"""`python -m alipay_mini_audit`, and the console script `alipay-mini-audit`."""

from __future__ import annotations

import signal
import sys
from typing import Final

from alipay_mini_audit.cli.exits import NOBODY_READS, ExitStatus, signal_status
from alipay_mini_audit.cli.language import open_closed_streams, said, take_any_character

__all__ = ["main"]

_EXTRA: Final = ("click", "rich", "typer")


def main() -> None:
    """Run the command line; it ends the program with one of the statuses of `cli.exits`."""
    open_closed_streams()
    take_any_character()
    try:
        from alipay_mini_audit.cli.app import app  # noqa: PLC0415  # needs the extra

        app(prog_name="alipay-mini-audit")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in _EXTRA:
            raise
        sys.stderr.write(said("The command line is an extra: ", "命令行需要另外安装："))
        sys.stderr.write("pip install 'alipay-mini-audit[cli]'\n")
        sys.exit(ExitStatus.INVALID)
    except KeyboardInterrupt:
        sys.exit(signal_status(signal.SIGINT))
    except BrokenPipeError:
        sys.exit(NOBODY_READS)
    except SystemExit as ended:
        # Both typer and rich end the program themselves when nobody reads its output.
        if isinstance(ended.__context__, BrokenPipeError):
            sys.exit(NOBODY_READS)
        raise


if __name__ == "__main__":
    main()
