import attrs
import pytest

from alipay_mini_audit.batch.entry import EntryState
from alipay_mini_audit.batch.journal.names import (
    Known,
    has_made_key,
    name_kept,
    names_asked,
    names_of,
)
from alipay_mini_audit.batch.journal.row import Claim, Identity, Row

NAMED = Row(identity=Identity("a@1", "1"), mini_app="a", caller="token:t")
UNNAMED = Claim(identity=Identity("token:t@1", "1"), mini_app="token:t", caller="token:t")
RESPELLED = Claim(identity=Identity("A@1", "1"), mini_app="A", caller="token:t")
RENEWED = Claim(identity=Identity("a@1", "1"), mini_app="a", caller="token:u")


@pytest.mark.parametrize(
    ("key", "is_made"),
    [("a@1", True), ("token:t@1", True), ("1", True), ("a", False), ("b@1", False), ("a@2", False)],
)
def test_a_made_key_names_the_mini_program_or_its_token_and_the_version(
    key: str, *, is_made: bool
) -> None:
    assert has_made_key(attrs.evolve(NAMED, identity=Identity(key, "1"))) is is_made


@pytest.mark.parametrize(
    ("row", "claim", "are_the_same"),
    [
        (("a", "token:t"), ("a", "token:t"), True),
        (("a", "token:t"), ("b", "token:t"), True),
        (("a", "token:t"), ("a", "token:u"), True),
        (("a", "token:t"), ("b", "token:u"), False),
        (("a", "token:t"), ("token:t", "token:t"), True),
        (("token:t", "token:t"), ("a", "token:t"), True),
        (("token:t", "token:t"), ("token:u", "token:u"), False),
        (("token:t", None), ("a", "token:t"), True),
        (("a", None), ("b", "token:t"), False),
        (("a", None), ("", ""), False),
        (("a", ""), ("b", ""), False),
        (("a", ""), ("", ""), True),
        (("", ""), ("a", ""), True),
        (("", ""), ("a", "token:t"), False),
        (("a", "token:t"), ("", ""), False),
    ],
)
def test_a_name_or_a_token_tells_the_same_mini_program(
    row: tuple[str, str | None], claim: tuple[str, str], *, are_the_same: bool
) -> None:
    identity = Identity("k", "1")
    names = set(names_of(Row(identity=identity, mini_app=row[0], caller=row[1])))
    asked = set(names_asked(Claim(identity=identity, mini_app=claim[0], caller=claim[1])))
    assert bool(names & asked) is are_the_same


def test_a_name_is_kept_unless_the_row_may_be_of_another_by_now() -> None:
    other = attrs.evolve(UNNAMED, mini_app="token:u", caller="token:u")
    assert name_kept(NAMED, UNNAMED) == "a"
    assert name_kept(NAMED, RESPELLED) == "A"
    assert name_kept(NAMED, other) == "token:u"
    assert name_kept(attrs.evolve(NAMED, attempts=1), other) == "a"


@pytest.mark.parametrize("claim", [UNNAMED, RESPELLED, RENEWED])
def test_what_is_known_of_an_entry_is_found_under_other_names(claim: Claim) -> None:
    known: Known[str] = Known()
    assert known.find(claim) is None
    known.add(NAMED, "it")
    assert known.find(claim) == "it"
    assert known.find(attrs.evolve(claim, identity=Identity("k", "1"))) is None
    assert known.find(attrs.evolve(claim, identity=Identity(claim.identity.key, "2"))) is None


def test_what_was_sent_is_found_rather_than_what_was_not() -> None:
    known: Known[str] = Known()
    invalid = Row(
        identity=UNNAMED.identity, mini_app="token:t", caller="token:t", state=EntryState.INVALID
    )
    known.add(invalid, "invalid")
    assert known.find(UNNAMED) == known.find(RESPELLED) == "invalid"
    known.add(NAMED, "sent")
    assert known.find(UNNAMED) == known.find(RESPELLED) == "sent"
    known.add(attrs.evolve(invalid, attempts=1), "was sent once")
    assert known.find(UNNAMED) == "was sent once"


def test_a_key_of_its_own_is_found_by_that_alone() -> None:
    known: Known[str] = Known()
    known.add(attrs.evolve(NAMED, identity=Identity("k", "1")), "it")
    assert known.find(UNNAMED) is None
    assert known.find(attrs.evolve(UNNAMED, identity=Identity("k", "1"))) == "it"
