"""The command line as a program of `forked_nights`, whose output is a pipe."""

import os
import sys

from alipay_mini_audit.__main__ import main

if __name__ == "__main__":
    # The stream of the process that it is a fork of remembers that it can seek.
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.argv[0] = "alipay-mini-audit"
    main()
