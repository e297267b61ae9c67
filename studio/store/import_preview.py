"""What an import would do, told from the first rows before anything is written: columns, guesses, samples, and what looks wrong.

It writes nothing, and reads no more than the first thousand rows.
"""

from collections import Counter
from itertools import islice
from typing import Any, Final

from studio.errors import InvalidInput
from studio.model.contacts import CONTACT_KINDS, is_masked
from studio.model.import_plan import FIELDS, ImportKind, ImportPlan, check_plan, guess_columns
from studio.model.import_rows import RowRules
from studio.store.import_run import steps
from studio.store.sheet import Record, Sheet

_LOOKED_AT: Final = 1_000
_SHOWN: Final = 20
_SHOWN_SIGNS: Final = 200
_EXACT_DIGITS: Final = 15
"""A spreadsheet keeps so many digits of a number and writes zeros after them."""


def guessed_plan(sheet: Sheet, platform: str = "", source: str = "import") -> ImportPlan:
    """What the file most likely is: events by their keys, else what its headers say most of."""
    if sheet.is_events:
        return ImportPlan("events", {}, platform, source)
    guesses: dict[ImportKind, dict[str, str]] = {kind: guess_columns(kind, sheet.headers) for kind in ("fans", "products")}
    kind: ImportKind = "products" if _is_product_list(guesses["products"], guesses["fans"]) else "fans"
    return ImportPlan(kind, guesses[kind], platform, source)


def _is_product_list(products: dict[str, str], fans: dict[str, str]) -> bool:
    has = set(products.values())
    return bool({"price", "price_minor", "floor", "stock"} & has and {"sku", "name"} & has) and "id" not in fans.values()


def preview(sheet: Sheet, rules: RowRules) -> dict[str, Any]:
    """As the API tells it: what was understood, the first rows as they stand, how many of the first thousand would be refused."""
    plan = rules.plan
    fault: InvalidInput | None = None
    try:
        check_plan(plan, sheet.headers)
    except InvalidInput as error:
        fault = error
    records = [] if plan.kind == "events" else [record for record, _ in islice(sheet.records(), _SHOWN)]
    looked = [] if fault else list(islice(steps(sheet, rules), _LOOKED_AT // 250))
    refused = [one for step in looked for one in step.refused]
    reasons = {one.line: one for one in refused}
    return {
        "kind": plan.kind,
        "encoding": sheet.encoding,
        "bytes": sheet.bytes,
        "headers": list(sheet.headers),
        "fields": list(FIELDS[plan.kind]),
        "columns": dict(plan.columns),
        "platform": plan.platform,
        "source": plan.source,
        "rows": [_shown(sheet, record) for record in records],
        "refused": [{"line": one.line, "code": one.code, "params": one.params} for one in list(reasons.values())[:_SHOWN]],
        "refused_count": len(refused),
        "looked_at": sum(step.rows for step in looked),
        "fault": {"code": fault.code, "params": dict(fault.params)} if fault else None,
        "warnings": _warnings(sheet, plan),
    }


def _shown(sheet: Sheet, record: Record) -> dict[str, Any]:
    return {"line": record.line, "cells": [record.cells.get(header, "")[:_SHOWN_SIGNS] for header in sheet.headers]}


def _warnings(sheet: Sheet, plan: ImportPlan) -> list[str]:
    """Codes of what no single row shows: ids that a spreadsheet has rounded, text in the wrong encoding."""
    found = []
    header = next((header for header, name in plan.columns.items() if name == "id"), "")
    records = [record for record, _ in islice(sheet.records(), _LOOKED_AT)] if plan.kind != "events" else []
    long_ids = [text for record in records if (text := record.cells.get(header, "")).isdigit() and len(text) > _EXACT_DIGITS]
    if len(long_ids) >= 3 and all(text.endswith("0") for text in long_ids):
        found.append("import.rounded_ids")
    repeated = Counter(record.cells.get(header, "") for record in records)
    if header and "order" not in plan.columns.values() and len(records) > 2 and max(repeated.values(), default=0) > len(records) / 2:
        found.append("import.same_id")
    hidden = [header for header, name in plan.columns.items() if name in CONTACT_KINDS]
    if any(is_masked(record.cells.get(header, "")) for record in records for header in hidden):
        found.append("import.masked_contacts")
    if any("\ufffd" in text for record in records[:_SHOWN] for text in record.cells.values()):
        found.append("import.broken_signs")
    return found
