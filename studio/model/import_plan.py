"""How a table becomes fans or products: which column means what, guessed from its header in Chinese or English, changed by hand.

It reads no file and judges no row.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from studio.errors import InvalidInput
from studio.model.contacts import CONTACT_KINDS
from studio.model.header_names import FAN_HEADERS, PRODUCT_HEADERS

ImportKind: TypeAlias = Literal["fans", "products", "events"]
KINDS: Final[tuple[ImportKind, ...]] = get_args(ImportKind)

FIELDS: Final[Mapping[ImportKind, tuple[str, ...]]] = {
    "fans": (
        *("platform", "id", "name", "points", "followed_at", "spent", "spent_minor", "currency", "order", "ordered_at"),
        *CONTACT_KINDS,
    ),
    "products": ("sku", "link_no", "name", "seller", "price", "price_minor", "floor", "floor_minor", "stock", "facts"),
    "events": (),
}
"""What a column can mean. `spent` is in yuan, `spent_minor` in fen; `order` makes each row an order of its own; contacts are sealed."""
NEEDED: Final[Mapping[ImportKind, tuple[tuple[str, ...], ...]]] = {
    "fans": (("id",),),
    "products": (("sku",), ("name",), ("price", "price_minor")),
    "events": (),
}
"""One of each group has to be there."""

_HEADERS: Final[Mapping[ImportKind, Mapping[str, str]]] = {"fans": FAN_HEADERS, "products": PRODUCT_HEADERS, "events": {}}
_NAMES: Final = {kind: {alias: name for name, known in table.items() for alias in known.split()} for kind, table in _HEADERS.items()}
_MINOR_WORDS: Final = frozenset({"分", "fen", "cents", "cent", "minor"})
_IN_BRACKETS = re.compile(r"[(\[【]([^)\]】]*)[)\]】]")
_NO_LETTERS = re.compile(r"[^\w]|_")


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """`columns` maps a header to a field; `platform` stands in where no column tells it; `source` names where the points came from."""

    kind: ImportKind
    columns: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    source: str = "import"
    encoding: str = ""

    @property
    def has_contacts(self) -> bool:
        """Whether a column holds phones, addresses or names on orders."""
        return any(name in CONTACT_KINDS for name in self.columns.values())

    def to_text(self) -> str:
        """One text for one plan: the same plan is the same text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def import_kind(value: Any) -> ImportKind:
    """Raises InvalidInput for a kind that there isn't."""
    for known in KINDS:
        if value == known:
            return known
    raise InvalidInput("field.choice", field="kind", choices=", ".join(KINDS))


def read_plan(body: Mapping[str, Any]) -> ImportPlan:
    """A plan from a JSON object. Raises InvalidInput."""
    kind = import_kind(body.get("kind", "fans"))
    columns = body.get("columns") or {}
    if not isinstance(columns, Mapping) or not all(isinstance(one, str) for pair in columns.items() for one in pair):
        raise InvalidInput("import.columns")
    wanted = {str(header): str(name) for header, name in columns.items() if name}
    for name in wanted.values():
        if name not in FIELDS[kind]:
            raise InvalidInput("import.no_such_field", field=name[:60], allowed=", ".join(FIELDS[kind]))
    texts = {key: body.get(key) or "" for key in ("platform", "source", "encoding")}
    for key, value in texts.items():
        if not isinstance(value, str) or len(value) > 40 or not value.isprintable():
            raise InvalidInput("field.text", field=key)
    return ImportPlan(kind, wanted, platform_id(texts["platform"]), texts["source"].strip() or "import", texts["encoding"])


def check_plan(plan: ImportPlan, headers: Iterable[str]) -> None:
    """Raise InvalidInput unless the plan's columns are there, and every field that is needed has exactly one."""
    known = set(headers)
    missing = [header for header in plan.columns if header not in known]
    if missing:
        raise InvalidInput("import.no_such_column", column=missing[0][:60])
    names = list(plan.columns.values())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput("import.column_twice", field=twice[0])
    for group in NEEDED[plan.kind]:
        if not any(name in names for name in group):
            raise InvalidInput("import.needs_column", field=group[0])
    if plan.kind == "fans" and "platform" not in names and not plan.platform:
        raise InvalidInput("import.needs_platform")


def guess_columns(kind: ImportKind, headers: Iterable[str]) -> dict[str, str]:
    """What the headers most likely mean, each field once, the first column wins."""
    guessed: dict[str, str] = {}
    for header in headers:
        name = guess(kind, header)
        if name and name not in guessed.values():
            guessed[header] = name
    return guessed


def guess(kind: ImportKind, header: str) -> str:
    """The field that a header most likely means, or empty. Units in brackets count: 消费金额(分)."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    units = {unit.strip() for unit in _IN_BRACKETS.findall(folded)}
    name = _NAMES[kind].get(_NO_LETTERS.sub("", _IN_BRACKETS.sub("", folded)), "")
    return f"{name}_minor" if units & _MINOR_WORDS and f"{name}_minor" in FIELDS[kind] else name


_PLATFORMS: Final = {
    "抖音": "douyin",
    "抖店": "douyin",
    "快手": "kuaishou",
    "淘宝": "taobao",
    "淘宝直播": "taobao",
    "天猫": "taobao",
    "小红书": "xiaohongshu",
    "视频号": "wechat",
    "微信": "wechat",
    "微信视频号": "wechat",
    "b站": "bilibili",
    "哔哩哔哩": "bilibili",
    "京东": "jd",
    "拼多多": "pinduoduo",
    "虎牙": "huya",
    "斗鱼": "douyu",
}


PLATFORM_NAMES: Final = tuple({platform: name for name, platform in reversed(_PLATFORMS.items())}.values())[::-1]
"""One name that people write for each platform that is known."""


def platform_id(text: str) -> str:
    """A platform's id by the name that people write, or the text in lower case."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return _PLATFORMS.get(folded, folded)
