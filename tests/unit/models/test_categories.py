"""The trees of categories, as the platform writes them."""

from alipay_mini_audit import CategoryList, CategoryNode, ReplyMeta
from alipay_mini_audit.models import read_model

META = ReplyMeta(request_id="r-1", trace_id=None, http_status=200)


def test_both_trees_are_read() -> None:
    child = {
        "category_id": "XS2001",
        "category_name": "咖啡",
        "parent_category_id": "XS1001",
        "has_child": False,
        "need_license": True,
        "need_special_license": "false",  # a text in one model of the field
        "need_out_door_pic": True,
        "new": 1,
    }
    old = {"category_id": "11", "category_name": "餐饮", "has_child": True}
    found = read_model(CategoryList, {"category_list": [old], "mini_category_list": [child]}, META)
    assert found.category_list == [
        CategoryNode(category_id="11", category_name="餐饮", has_child=True)
    ]
    assert found.mini_category_list == [
        CategoryNode(
            category_id="XS2001",
            category_name="咖啡",
            parent_category_id="XS1001",
            has_child=False,
            need_license=True,
            need_special_license=False,
            need_out_door_pic=True,
            extra={"new": 1},
        )
    ]
