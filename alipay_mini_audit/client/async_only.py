"""`AsyncOnly`: says in plain words what cannot be done with something asynchronous."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["AsyncOnly"]


class AsyncOnly:
    """Refuses `with` and pickling; the name of the class is told."""

    def __enter__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is asynchronous: write `async with`, not `with`.")

    def __exit__(self, *_: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is asynchronous: write `async with`, not `with`.")

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"an {type(self).__name__} holds keys and sockets and is not pickled; "
            "make one in each process"
        )
