"""The member's page as HTML: a pure function of what it shows, without script, picture, font or link to anywhere.

Every text goes through `html.escape`, and what came from outside is cleaned first; nothing is ever joined in as markup.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from studio.model import money
from studio.model.text import clean_text
from studio.words import say, say_tier

_STYLE: Final = (
    "*{box-sizing:border-box}body{margin:0;padding:24px 16px;background:#f4f5f7;color:#14171d;"
    "font:16px/1.5 system-ui,'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif}"
    "main{max-width:440px;margin:0 auto}h1{font-size:22px;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:15px;margin:24px 0 8px}"
    "p{margin:0}.muted{color:#5b6575}.card{background:#fff;border:1px solid #dde1e8;border-radius:12px;padding:16px;margin-top:12px}"
    ".card+p{margin-top:8px}.figures{display:grid;grid-template-columns:1fr 1fr 1fr;gap:12px;text-align:center}"
    ".figures b{display:block;font-size:24px;"
    "font-variant-numeric:tabular-nums}ul{list-style:none;margin:0;padding:0}li+li{border-top:1px solid #dde1e8;margin-top:12px;"
    "padding-top:12px}code{font:600 17px ui-monospace,monospace;letter-spacing:.04em;overflow-wrap:anywhere}.over{opacity:.55}"
    "input,button{font:inherit;width:100%;padding:12px;border-radius:8px;border:1px solid #8b95a5;margin-top:12px}"
    "button{background:#14171d;color:#fff;border:0}@media(prefers-color-scheme:dark){body{background:#0f1115;color:#f2f4f8}"
    ".muted{color:#9aa4b5}.card{background:#171a21;border-color:#2c323d}li+li{border-color:#2c323d}"
    "input{background:#20242d;color:#f2f4f8}button{background:#f2f4f8;color:#14171d}}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Beside `no-store` and `nosniff`: the address holds the code, so it goes to nobody else."""


def member_html(shown: Mapping[str, Any], locale: str) -> str:
    """The page of one member."""
    currency = str(shown["currency"])
    figures = "".join(
        f"<div><b>{_text(f'{int(shown[key]):,}')}</b><span class=muted>{_say(locale, key)}</span></div>"
        for key in ("points", "tickets", "visits")
    )
    tier = say_tier(str(shown["tier"] or ""), locale)
    missing, redeemable = shown["to_next_minor"], f"{int(shown['redeemable']):,}"
    gap = _say(locale, "top") if missing is None else _gap(int(missing), say_tier(str(shown["next_tier"] or ""), locale), currency, locale)
    body = (
        f"<h1>{_text(clean_text(str(shown['name']), 40)) or _say(locale, 'nobody')}</h1>"
        f"<div class=card><p><b>{_text(clean_text(tier, 40))}</b></p><p class=muted>{gap}</p></div>"
        f"<div class='card figures'>{figures}</div>"
        f"<p class=muted>{_say(locale, 'redeemable', points=redeemable)}</p>"
        f"{_rights(shown['rights'], locale)}"
        f"<h2>{_say(locale, 'coupons')}</h2>{_coupons(shown['coupons'], locale)}"
    )
    return _page(locale, body)


def form_html(locale: str, *, is_wrong: bool = False) -> str:
    """Where a code is typed; `is_wrong` after one that opens nothing."""
    line = f"<p>{_say(locale, 'wrong')}</p>" if is_wrong else ""
    field = "<input name=code required autofocus autocomplete=off autocapitalize=none spellcheck=false maxlength=60>"
    label = f"<label>{_say(locale, 'code')}{field}</label>"
    form = f"<form method=post action='/m'>{label}<button>{_say(locale, 'open')}</button></form>"
    return _page(locale, f"<h1>{_say(locale, 'title')}</h1>{line}<div class=card>{form}</div>")


def _gap(missing_minor: int, tier: str, currency: str, locale: str) -> str:
    """What is missing to the next tier; above nothing, any order will do."""
    named = clean_text(tier, 40)
    if missing_minor == 1:
        return _say(locale, "any_order", tier=named)
    return _say(locale, "to_next", amount=money.told(missing_minor, currency), tier=named)


def _rights(rights: Mapping[str, Any] | None, locale: str) -> str:
    """What the tier of the confirmed orders may; nothing for whoever has none."""
    if rights is None:
        return ""
    percent, points = int(rights["percent"]), int(rights["birthday_points"])
    lines = [_say(locale, "right.price", percent=percent, tenths=f"{percent / 10:g}")] if percent < 100 else []
    lines += [_say(locale, "right.birthday", points=f"{points:,}")] if points else []
    lines += [_text(clean_text(str(right), 40)) for right in rights["rights"]]
    if not lines:
        return ""
    tier = say_tier(clean_text(str(rights["tier"]), 40), locale)
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<h2>{_say(locale, 'rights', tier=tier)}</h2><ul class=card>{items}</ul><p class=muted>{_say(locale, 'rights_by')}</p>"


def _coupons(coupons: Sequence[Mapping[str, Any]], locale: str) -> str:
    if not coupons:
        return f"<div class='card muted'>{_say(locale, 'no_coupons')}</div>"
    rows = []
    for coupon in coupons:
        is_open = coupon["state"] == "open"
        state = _say(locale, "until", moment=coupon["until"]) if is_open else _say(locale, f"coupon.{coupon['state']}")
        title = _text(clean_text(str(coupon["title"]), 60))
        start = "<li>" if is_open else "<li class=over>"
        rows.append(f"{start}<p>{title}</p><p><code>{_text(str(coupon['code']))}</code></p><p class=muted>{state}</p></li>")
    return f"<ul class=card>{''.join(rows)}</ul>"


def _page(locale: str, body: str) -> str:
    language = locale.replace("_", "-")
    return (
        f"<!doctype html><html lang={_text(language)}><head><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{_say(locale, 'title')}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _say(locale: str, msgid: str, **params: object) -> str:
    return _text(say("page", locale, msgid, **params))


def _text(text: str) -> str:
    return escape(text, quote=True)
