"""Text rules against a second, naive reading of the platform's texts, written without the first."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from support.preflight_findings import found

from alipay_mini_audit.preflight.fields import contacts, version
from alipay_mini_audit.preflight.lengths import bad_characters, bad_lengths
from alipay_mini_audit.preflight.places import categories

PIECES = [
    "改",
    "版",
    "a",
    "Z",
    "7",
    " ",
    "-",
    "_",
    "+",
    ".",
    "@",
    ";",
    "X",
    "é",
    "\uff0c",
    "\U0001f680",
]
TEXTS = st.text(st.sampled_from(PIECES), max_size=45) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=45
)
HAN = ("CJK UNIFIED", "CJK COMPATIBILITY I")
DOUBTFUL = ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc")
LIMITS = {
    "version_desc": (30, 500, "INVALID_VERSION_DESC_LENGTH"),
    "app_slogan": (10, 32, "INVALID_MINI_APP_SLOGAN_LENGTH"),
    "app_desc": (20, 400, "INVALID_MINI_APP_DESC_LENGTH"),
    "app_english_name": (3, 30, "INVALID_MINI_APP_EN_NAME_LENGTH"),
}


def readings(text: str) -> set[int]:
    """Return every length that a text may have, one way of counting after another."""
    counts = set()
    for kept in (text, text.strip(), text.lstrip(), text.rstrip()):
        for doubtful in (1, 2):
            total = 0
            for character in kept:
                if unicodedata.name(character, "").startswith(HAN):
                    total += 2
                elif character.isascii():
                    total += 1
                else:
                    total += doubtful
            counts.add(total)
    return counts


@given(TEXTS, st.sampled_from(sorted(LIMITS)))
def test_a_length_is_an_error_only_if_every_reading_is_wrong(text: str, field: str) -> None:
    least, most, code = LIMITS[field]
    if not text.strip():
        return
    wrong = [not least <= count <= most for count in readings(text)]
    errors = [each for each in found(bad_lengths, **{field: text}) if each[2] == "error"]
    warnings = [each for each in found(bad_lengths, **{field: text}) if each[2] == "warning"]
    if errors:
        assert errors == [(field, code, "error")]
        assert all(wrong)
    if not any(wrong):
        assert not errors
    if any(wrong) and not all(wrong):
        assert warnings == [(field, code, "warning")]


@given(TEXTS)
def test_a_name_of_plain_characters_is_never_refused(text: str) -> None:
    if not text.strip():
        return
    plain = set("_0123456789") | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    kinds = set()
    for character in text.strip():
        if character in plain or unicodedata.name(character, "").startswith(HAN):
            kinds.add("sure")
        elif character in "+-" or unicodedata.category(character) in DOUBTFUL:
            kinds.add("doubtful")
        else:
            kinds.add("outside")
    severities = {each[2] for each in found(bad_characters, app_name=text)}
    if kinds == {"sure"}:
        assert severities == set()
    elif "outside" in kinds:
        assert severities <= {"error"}
    else:
        assert severities <= {"warning"}


@given(st.text(st.sampled_from("ab.@ \"'é"), min_size=1, max_size=12))
def test_an_address_that_anybody_could_write_to_is_never_refused(address: str) -> None:
    name, _, domain = address.strip().partition("@")
    is_plain = bool(name) and bool(domain) and not set(address.strip()) & set(" \"'") - set()
    severities = {each[2] for each in found(contacts, service_email=address)}
    if is_plain and "@" not in domain:
        assert "error" not in severities
    if address.strip() and "@" not in address:
        assert severities == {"error"}


@given(st.text(st.sampled_from("XS12_;x "), max_size=14))
def test_ids_are_taken_apart_as_a_person_would(ids: str) -> None:
    if not ids.strip():
        return
    text = ids.strip()
    entries = (text.removesuffix(";")).split(";")

    def is_new(entry: str) -> bool:
        levels = entry.split("_")
        return len(levels) <= 3 and all(
            level[:2] == "XS" and level[2:].isdigit() for level in levels
        )

    def is_old(entry: str) -> bool:
        levels = entry.split("_")
        return len(levels) == 2 and all(level.isdigit() for level in levels)

    new = ("mini_category_ids", "INVALID_CATEGORY", "error")
    old = ("app_category_ids", "INVALID_CATEGORY", "error")
    assert (new in found(categories, mini_category_ids=ids)) is not all(map(is_new, entries))
    assert (old in found(categories, app_category_ids=ids)) is not all(map(is_old, entries))


@given(st.lists(st.integers(0, 2**33), min_size=1, max_size=4))
def test_a_version_of_numbers_exists_as_far_as_they_fit(numbers: list[int]) -> None:
    text = ".".join(map(str, numbers))
    codes = [each[1] for each in found(version, app_version=text)]
    if len(numbers) != 3:
        assert codes == ["version_format"]
    else:
        assert bool(codes) is (max(numbers) > 2147483647)
