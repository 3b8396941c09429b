"""The values of a diagnosis: frozen, and silent about keys."""

import pickle

import attrs
import pytest
from support.certificates import VECTORS
from support.leaks import find_leaks, pieces_of_key

from alipay_mini_audit.credentials.material import Fact, Material, stated

KEY = VECTORS / "keys" / "app.pkcs8.pem"


def test_a_fact_says_what_was_looked_at_and_what_was_found() -> None:
    assert str(Fact("app_id", "2021000000000001")) == "app_id: 2021000000000001"


def test_a_fact_is_told_in_both_languages() -> None:
    fact = stated("x", "{what} of {count}", "{count} 之 {what}", {"what": "{0}", "count": 2})
    assert str(fact) == "x: {0} of 2"
    assert str(fact.in_language("zh")) == "x: 2 之 {0}"
    assert str(fact.in_language("en")) == "x: {0} of 2"
    assert str(Fact("x", "y").in_language("zh")) == "x: y"
    assert len({fact, Fact("x", "{0} of 2")}) == 1


def test_material_prints_no_key() -> None:
    material = Material(
        is_certificate_mode=False,
        app_id="2021000000000001",
        private_key=KEY.read_text(),
        encrypt_key="AAECAwQFBgcICQoLDA0ODw==",
    )
    shown = repr(material)
    assert "2021000000000001" in shown
    assert not [piece for piece in pieces_of_key(KEY) if piece in shown]
    assert "AAEC" not in shown
    assert find_leaks([material], pieces_of_key(KEY)) == []
    with pytest.raises(TypeError, match="holds keys"):
        pickle.dumps(material)


def test_values_do_not_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Fact("a", "b").path = "c"  # type: ignore[misc]
