"""What the columns of fan and product tables are called, in the exports of bots, shops and platforms; folded, without blanks.

It is data: `studio.model.import_plan` folds a header and looks it up here.
"""

from collections.abc import Mapping
from typing import Final

FAN_HEADERS: Final[Mapping[str, str]] = {
    "platform": """
        platform 平台 渠道 来源平台 平台名称 所属平台
    """,
    "id": """
        id fanid userid uid openid memberid customerid buyerid viewerid 用户id 会员id 粉丝id 买家id 客户id 用户编号
        会员编号 粉丝编号 会员号 会员卡号 抖音号 抖音id 快手号 小红书号 用户标识 客户编号 账号
    """,
    "name": """
        name nickname displayname username fanname membername customername viewer viewername 昵称 用户昵称 会员昵称
        粉丝昵称 买家昵称 客户昵称 姓名 会员姓名 会员名 会员名称 用户名 客户姓名 名称 粉丝
    """,
    "points": """
        points point score credits loyaltypoints balance 积分 会员积分 可用积分 当前积分 剩余积分 积分余额 总积分
        现有积分 粉丝积分
    """,
    "followed_at": """
        followedat followedsince followsince followdate membersince joined joinedat joindate registeredat createdat
        firstseen 关注时间 关注日期 入会时间 入会日期 加入时间 加入日期 注册时间 注册日期 成为会员时间 首次关注时间
        开卡时间 创建时间
    """,
    "spent": """
        spent totalspent totalspend amount amountpaid paid revenue ltv 消费 净消费 消费金额 累计消费 累计消费金额 累计消费额
        消费总额 总消费 总消费金额 交易总额 成交金额 累计成交金额 累计支付金额 实付金额 实付款 买家实付金额
        买家实际支付金额 支付金额 订单金额 订单实付金额 订单应付金额 消费额 金额
    """,
    "spent_minor": """
        spentminor amountminor amountcents spentcents paidminor
    """,
    "currency": """
        currency 币种 货币
    """,
    "order": """
        order orderid orderno ordernumber 订单号 订单编号 主订单编号 订单id 交易单号
    """,
    "ordered_at": """
        orderedat orderdate ordertime lastorderat lastorder lastpurchase paidat paymenttime 下单时间 付款时间 支付时间
        支付完成时间 订单付款时间 订单创建时间 订单提交时间 最近消费时间 最后消费时间 最近购买时间 最后购买时间
        最近下单时间 最近交易时间 成交时间
    """,
    "phone": """
        phone mobile tel telephone cellphone phonenumber mobilephone 手机 手机号 手机号码 电话 联系电话 联系方式
        收件人电话 收货人电话 收货人手机 收件人手机 收件人手机号 收货手机号 会员手机号 买家手机号
    """,
    "address": """
        address shippingaddress deliveryaddress 地址 收货地址 收件地址 详细地址 收货人地址 收件人地址 邮寄地址
    """,
    "order_name": """
        recipient receiver consignee shippingname ordername 收件人 收货人 收件人姓名 收货人姓名 收货姓名
    """,
    "birthday": """
        birthday birthdate dateofbirth dob 生日 会员生日 粉丝生日 客户生日 买家生日 出生日期 出生年月日 公历生日 阳历生日
    """,
}
PRODUCT_HEADERS: Final[Mapping[str, str]] = {
    "sku": """
        sku skuid productid itemid goodsid code 商品编号 商品编码 商品id 货号 款号 商家编码 编码 编号
    """,
    "link_no": """
        linkno link linknumber no number 链接 链接号 链接序号 序号 号链接 购物车序号 橱窗序号
    """,
    "name": """
        name title product productname itemname 商品名称 商品名 商品标题 标题 品名 名称 商品 产品名称
    """,
    "seller": """
        seller shop store brand merchant vendor 店铺 店铺名称 商家 商家名称 卖家 品牌 供应商
    """,
    "price": """
        price saleprice liveprice 价格 售价 直播价 到手价 单价 销售价 现价 商品价格 直播间价格
    """,
    "price_minor": """
        priceminor pricecents
    """,
    "floor": """
        floor floorprice lowestprice minprice 底价 最低价 控价 保底价
    """,
    "floor_minor": """
        floorminor floorcents
    """,
    "stock": """
        stock quantity qty inventory 库存 库存数量 可售库存 现货库存 总库存 数量
    """,
    "facts": """
        facts notes sellingpoints highlights description 卖点 商品卖点 话术 介绍 说明 亮点 备注
    """,
}
