"""Which column means what, by its header; and what a row becomes."""

from zoneinfo import ZoneInfo

import pytest

from studio.errors import InvalidInput
from studio.model.cells import BadCell
from studio.model.events import parse_time
from studio.model.import_plan import ImportPlan, check_plan, guess_columns, platform_id, read_plan
from studio.model.import_rows import RowRules, fan_events, product_of

NOW_MS = parse_time("2026-11-22T12:00:00Z", "at")


def rules(**plan) -> RowRules:
    return RowRules(ImportPlan("fans", platform="douyin", **plan), "r1", "CNY", ZoneInfo("Asia/Shanghai"), NOW_MS)


@pytest.mark.parametrize(
    ("headers", "means"),
    [
        (("会员ID", "昵称", "积分", "入会时间", "累计消费金额(元)"), ("id", "name", "points", "followed_at", "spent")),
        (("User ID", "Display Name", "Points", "Followed Since"), ("id", "name", "points", "followed_at")),
        (("平台", "抖音号", "用户昵称", "当前积分", "消费金额（分）"), ("platform", "id", "name", "points", "spent_minor")),
        (("订单编号", "买家ID", "买家昵称", "买家实付金额", "订单付款时间"), ("order", "id", "name", "spent", "ordered_at")),
        (
            ("platform", "id", "name", "points", "spent_minor", "followed_at"),
            ("platform", "id", "name", "points", "spent_minor", "followed_at"),
        ),
        (("username", "points", "星座"), ("name", "points", "")),
    ],
)
def test_headers_are_guessed_in_both_languages(headers, means):
    guessed = guess_columns("fans", headers)
    assert tuple(guessed.get(header, "") for header in headers) == means


def test_headers_of_products_are_guessed():
    headers = ("商品编码", "链接号", "商品名称", "直播价", "底价", "库存", "卖点", "店铺名称")
    assert tuple(guess_columns("products", headers).values()) == ("sku", "link_no", "name", "price", "floor", "stock", "facts", "seller")


def test_each_field_is_guessed_once():
    assert guess_columns("fans", ("id", "用户ID", "uid")) == {"id": "id"}


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"昵称": "name"}, "import.needs_column"),
        ({"昵称": "id", "号": "id"}, "import.column_twice"),
        ({"没有": "id"}, "import.no_such_column"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_before_it_begins(columns, code):
    with pytest.raises(InvalidInput) as error:
        check_plan(ImportPlan("fans", columns, "douyin"), ("昵称", "号"))
    assert error.value.code == code


def test_fans_need_a_platform_from_somewhere():
    with pytest.raises(InvalidInput, match="needs_platform"):
        check_plan(ImportPlan("fans", {"号": "id"}), ("号",))
    check_plan(ImportPlan("fans", {"号": "id", "平台": "platform"}), ("号", "平台"))


def test_a_plan_from_outside_is_read_strictly():
    for body in (
        {"kind": "money"},
        {"columns": [1]},
        {"columns": {"a": 3}},
        {"columns": {"a": "iq"}},
        {"source": "x" * 41},
        {"platform": 7},
    ):
        with pytest.raises(InvalidInput):
            read_plan(body)
    assert read_plan({"columns": {"a": "id", "b": ""}, "platform": "抖音"}) == ImportPlan("fans", {"a": "id"}, "douyin")
    assert platform_id("快手") == "kuaishou"


def test_a_member_becomes_a_name_points_a_following_and_an_opening_order():
    row = {"id": "u1", "name": "小美", "points": "120", "followed_at": "2024-01-05", "spent": "1,299.5"}
    follow, brought, order = fan_events(row, rules(source="微店"))
    assert (follow.type, follow.at_ms) == ("follow", parse_time("2024-01-04T16:00:00Z", "at"))
    assert (brought.type, brought.points, brought.name, brought.at_ms) == ("import", 120, "小美", NOW_MS)
    assert (order.type, order.amount_minor, order.currency, order.at_ms) == ("order", 129_950, "CNY", follow.at_ms)
    again = fan_events(row, rules(source="微店"))
    assert [one.id for one in again] == [follow.id, brought.id, order.id]
    assert fan_events(row, rules(source="另一个店"))[1].id != brought.id


def test_a_row_with_an_order_number_is_that_order():
    row = {"id": "u1", "order": "693001", "spent": "88", "ordered_at": "2026-11-01 20:00"}
    [order] = fan_events(row, rules())
    assert (order.order, order.amount_minor, order.at_ms) == ("693001", 8800, parse_time("2026-11-01T12:00:00Z", "at"))
    for missing in ("spent", "ordered_at"):
        with pytest.raises(BadCell):
            fan_events({**row, missing: ""}, rules())


def test_a_bare_fan_is_known_by_name_only():
    [brought] = fan_events({"id": "u1", "name": "'=1+1", "spent": "0"}, rules())
    assert (brought.type, brought.points, brought.name) == ("import", 0, "=1+1")


def test_a_row_is_taken_whole_or_not_at_all():
    for bad in (
        {"points": "-1"},
        {"followed_at": "5/1/2024"},
        {"spent": "many"},
        {"currency": "yuan"},
        {"platform": "x" * 41},
        {"id": "*"},
    ):
        with pytest.raises(BadCell) as error:
            fan_events({"id": "u1", "points": "1", **bad}, rules())
        assert error.value.params["field"] in {*bad}


def test_a_long_id_still_makes_short_event_ids():
    for event in fan_events({"id": "长" * 200, "points": "1", "spent": "1"}, rules(source="源" * 40)):
        assert len(event.id) <= 200
        assert len(event.order) <= 200


def test_a_product_is_read_with_its_facts():
    row = {"sku": "K1", "name": "口红", "price": "99", "floor": "79.9", "link_no": "3", "stock": "1,200", "facts": "哑光；显白|不沾杯"}
    product = product_of(row, rules())
    assert (product.price_minor, product.floor_minor, product.stock, product.facts) == (9900, 7990, 1200, ("哑光", "显白", "不沾杯"))
    for bad in ({"price": ""}, {"floor": "100"}, {"link_no": "0"}, {"sku": ""}, {"name": ""}, {"stock": "some"}):
        with pytest.raises(InvalidInput):
            product_of({**row, **bad}, rules())
