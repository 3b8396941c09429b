import functools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from alipay_mini_audit import ConfigurationError, VersionDetail
from alipay_mini_audit.lifecycle.awaiting import cannot_be_awaited
from alipay_mini_audit.lifecycle.release_policy import ReleasePolicy


def says_so(detail: VersionDetail) -> bool:
    return bool(detail)


def says_nothing(detail, limit=3):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201
    return detail and limit > 0


def counts(detail: VersionDetail) -> Iterator[bool]:
    yield bool(detail)


async def streams(detail: VersionDetail) -> Any:
    yield bool(detail)


async def asks(detail: VersionDetail, limit: int = 3) -> bool:
    return bool(detail) and limit > 0


def hands_on(detail: VersionDetail) -> Awaitable[bool]:
    return asks(detail)


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    def inner(*args: Any, **options: Any) -> Any:
        return function(*args, **options)

    return inner


@functools.wraps(asks)
def wraps(detail: VersionDetail) -> Any:
    return asks(detail)


def turns(detail: VersionDetail) -> bool:
    return bool(detail)


turns.__wrapped__ = turns  # type: ignore[attr-defined]


class Plain:
    def __call__(self, detail: VersionDetail) -> bool:
        return bool(detail)

    def ask(self, detail: VersionDetail) -> bool:
        return bool(detail)


class Async:
    async def __call__(self, detail: VersionDetail) -> bool:
        return bool(detail)

    async def ask(self, detail: VersionDetail) -> bool:
        return bool(detail)


@pytest.mark.parametrize(
    "health",
    [
        says_so,
        says_nothing,
        counts,
        streams,
        functools.partial(says_nothing, limit=1),
        functools.partial(functools.partial(says_nothing), limit=1),
        Plain(),
        Plain().ask,
        functools.partial(Plain()),
    ],
)
def test_a_question_for_the_health_that_nobody_can_await_is_refused(health: Any) -> None:
    assert cannot_be_awaited(health)
    with pytest.raises(ConfigurationError) as caught:
        ReleasePolicy(wave=["p10"], health=health)
    assert (caught.value.setting, caught.value.code) == ("health", "wrong_type")


@pytest.mark.parametrize(
    "health",
    [
        asks,
        functools.partial(asks, limit=1),
        Async(),
        Async().ask,
        functools.partial(Async()),
        wraps,
        # Of these it cannot be known, or they say that there is something to await.
        hands_on,
        logged(asks),
        lambda detail: asks(detail, limit=1),
        Awaitable,
        turns,
    ],
)
def test_any_other_question_for_the_health_is_taken(health: Any) -> None:
    assert ReleasePolicy(wave=["p10"], health=health).health is health
