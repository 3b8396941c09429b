from typing import Any

import pytest

from alipay_mini_audit.sandbox.business.categories import list_categories
from alipay_mini_audit.sandbox.business.places import check_categories
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

TREES = ("category_list", "mini_category_list")


def trees(**query: str) -> dict[str, Any]:
    return list_categories(query)


def test_each_category_says_what_it_needs() -> None:
    for name, depth in zip(TREES, (2, 3), strict=True):
        nodes = {each["category_id"]: each for each in trees()[name]}
        parents = [each["parent_category_id"] for each in nodes.values()]
        for each in nodes.values():
            assert list(each) == [
                *("category_id", "category_name", "parent_category_id"),
                *("has_child", "need_license", "need_special_license", "need_out_door_pic"),
            ]
            assert each["has_child"] is (each["category_id"] in parents)
            path = [each["category_id"]]
            while (above := nodes[path[0]]["parent_category_id"]) in nodes:
                path.insert(0, above)
            assert len(path) <= depth
            assert each["has_child"] is (len(path) < depth)
            field = "app_category_ids" if name == "category_list" else "mini_category_ids"
            if not each["has_child"]:
                check_categories({field: "_".join(path)})


def test_what_is_not_for_mini_programs_is_left_out_on_demand() -> None:
    every, some = trees(), trees(is_filter="true")
    assert trees(is_filter="false") == trees(is_filter="") == every
    for name in TREES:
        left = {each["category_name"] for each in every[name] if each not in some[name]}
        assert any("证券" in each for each in left)
        assert 0 < len(some[name]) < len(every[name])


def test_a_filter_is_true_or_false() -> None:
    with pytest.raises(Refusal, match=r"^INVALID_PARAMETER: "):
        trees(is_filter="yes")
