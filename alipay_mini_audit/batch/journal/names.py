"""What an entry is called, which may change between two runs, and whose it is. No I/O here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, TypeVar, final

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.row import BY_TOKEN, Claim, Identity, Row

__all__ = [
    "UNSENT",
    "Known",
    "Name",
    "caller_asked",
    "has_made_key",
    "is_named",
    "is_replaceable",
    "is_same_caller",
    "made_key",
    "name_kept",
    "names_asked",
    "names_of",
]

UNSENT: Final = (EntryState.INVALID, EntryState.SKIPPED)
"""A row in these is no reason not to send its version for another entry."""
Name = tuple[str, str, str, str]
"""What a version is found by: the column, what it says, the version and the bundle."""
_T = TypeVar("_T")


def is_named(mini_app: str) -> bool:
    """Say whether a `mini_app` was given, rather than made of a token."""
    return bool(mini_app) and not mini_app.startswith(BY_TOKEN)


def made_key(whose: str, version: str) -> str:
    """Return the key of an entry to which none was given.

    Args:
        whose: version it is, as `Row.mini_app` says it.
        version: the version.
    """
    return f"{whose}@{version}" if whose else version


def has_made_key(what: Row | Claim) -> bool:
    """Say whether a key is made of what the mini-program is called: it changes with that."""
    version = what.identity.app_version
    names = {what.mini_app, what.caller or "", ""}  # a client's token is in no key
    return what.identity.key in {made_key(each, version) for each in names}


def is_same_caller(row: Row, claim: Claim) -> bool:
    """Say whether both are for the merchant of one token; no two merchants share one."""
    return bool(row.caller) and row.caller == claim.caller


def is_replaceable(row: Row) -> bool:
    """Say whether nothing is lost with a row."""
    return row.state is EntryState.INVALID and not row.attempts


def name_kept(row: Row, claim: Claim) -> str:
    """Return what the mini-program of a row is called once it is claimed.

    A name that was given stays when it is not given any more: it tells whose version it is once
    the merchant has another token. What was never sent may be another merchant's by now.
    """
    is_kept = is_named(row.mini_app) and not is_named(claim.mini_app)
    is_its = bool(row.attempts) or row.caller == claim.caller
    return row.mini_app if is_kept and is_its else claim.mini_app


def caller_asked(claim: Claim) -> str | None:
    """Return the caller whose rows are of the same mini-program; `None` for none.

    Without a token it is the application's own, but where names are given they tell.
    """
    return claim.caller if claim.caller or not claim.mini_app else None


def names_of(row: Row) -> Iterator[Name]:
    """Yield what the version of a row is found by."""
    version = (row.identity.app_version, row.identity.bundle_id)
    yield "mini_app", row.mini_app, *version
    if row.caller is not None and row.caller != row.mini_app:
        yield "caller", row.caller, *version


def names_asked(claim: Claim) -> Iterator[Name]:
    """Yield what to find rows of the same version of the same mini-program by."""
    version = (claim.identity.app_version, claim.identity.bundle_id)
    for mini_app in dict.fromkeys((claim.mini_app, claim.caller)):
        yield "mini_app", mini_app, *version
    if (caller := caller_asked(claim)) is not None:
        yield "caller", caller, *version


@final
class Known(Generic[_T]):
    """What is known of entries, by what they are called now: what a run would go on with."""

    def __init__(self) -> None:
        self._rows: dict[Identity, tuple[bool, _T]] = {}
        self._made: dict[Name, tuple[bool, _T]] = {}

    def add(self, row: Row, what: _T) -> None:
        """Know this of the entry of a row."""
        self._rows[row.identity] = (is_replaceable(row), what)
        if not has_made_key(row):
            return
        is_unsent = row.state in UNSENT
        for name in names_of(row):
            if name not in self._made or (self._made[name][0] and not is_unsent):
                self._made[name] = (is_unsent, what)

    def find(self, claim: Claim) -> _T | None:
        """Return what is known of an entry; `None` if it is new."""
        found = self._rows.get(claim.identity)
        if found is not None and not found[0]:
            return found[1]
        made = [self._made[name] for name in names_asked(claim) if name in self._made]
        made.sort(key=lambda each: each[0])
        if has_made_key(claim) and made and not (found and made[0][0]):
            return made[0][1]
        return None if found is None else found[1]
