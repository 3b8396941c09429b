"""Somebody else who opens a page over and over, in a process of its own; run as a module.

    python -m support.web_visitor URL

It does so until its standard input ends, and then tells the seconds that each visit took.
"""

import http.client
import select
import sys
import time
from urllib.parse import urlsplit

_REST = 0.005
_SECONDS = 30.0


def main() -> None:
    """Visit the page of the one argument, over one connection."""
    address = urlsplit(sys.argv[1])
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_SECONDS)
    while not select.select([sys.stdin], [], [], _REST)[0]:
        began = time.perf_counter()
        connection.request("GET", address.path)
        answer = connection.getresponse()
        answer.read()
        sys.stdout.write(f"{time.perf_counter() - began}\n")
        sys.stdout.flush()
        assert answer.status == 200, answer.status
    connection.close()


if __name__ == "__main__":
    main()
