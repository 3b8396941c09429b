import pickle

import pytest

from alipay_mini_audit.client.async_only import AsyncOnly


class Thing(AsyncOnly):
    """Something asynchronous."""


def test_with_is_refused_in_words() -> None:
    with pytest.raises(TypeError, match="Thing is asynchronous: write `async with`"), Thing():
        pass
    with pytest.raises(TypeError, match="`async with`"):
        Thing().__exit__(None, None, None)


def test_it_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="Thing holds keys and sockets"):
        pickle.dumps(Thing())
