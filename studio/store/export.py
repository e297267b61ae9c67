"""The fan file written out: a table for people and their spreadsheets, or everything as JSON lines.

Names are strangers' text: what a spreadsheet would run as a formula is neutralised. A file is written whole or not at all.
"""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from sqlalchemy import Connection, select

from studio.errors import InvalidInput, os_code
from studio.model.cells import neutralised
from studio.model.events import format_time
from studio.model.money import decimal
from studio.store import fan_archive
from studio.store.tables import identity, person
from studio.words import say

ExportFormat: TypeAlias = Literal["csv", "jsonl"]
ExportEncoding: TypeAlias = Literal["utf-8", "utf-8-bom", "gbk"]
FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)
ENCODINGS: Final[tuple[ExportEncoding, ...]] = get_args(ExportEncoding)

_COLUMNS: Final = ("platform", "id", "name", "points", "spent_minor", "orders", "refunds", "visits", "last_order_at", "followed_at")
_CODECS: Final[dict[ExportEncoding, str]] = {"utf-8": "utf-8", "utf-8-bom": "utf-8-sig", "gbk": "gbk"}
_CHUNK_SIGNS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class ExportForm:
    """`locale` names the columns in that language and writes money as people do in `currency`, the room's; empty keeps the API's names.

    GBK is what Excel in China opens by itself; signs that it lacks (emoji) become ?. `utf-8-bom` is what any newer Excel understands.
    """

    format: ExportFormat = "csv"
    encoding: ExportEncoding = "utf-8"
    locale: str = ""
    currency: str = "CNY"


def chunks(connection: Connection, form: ExportForm) -> Iterator[bytes]:
    """The file, piece by piece: ten million fans pass through, never as one text."""
    lines = (line + "\n" for line in fan_archive.export_lines(connection)) if form.format == "jsonl" else _table(connection, form)
    codec = "utf-8" if form.format == "jsonl" else _CODECS[form.encoding]
    waiting: list[str] = []
    signs = 0
    is_first = True
    for line in lines:
        waiting.append(line)
        signs += len(line)
        if signs >= _CHUNK_SIGNS:
            yield _encoded(waiting, codec, is_first=is_first)
            waiting, signs, is_first = [], 0, False
    yield _encoded(waiting, codec, is_first=is_first)


def write_file(connection: Connection, path: Path, form: ExportForm) -> int:
    """The file at `path`, readable by its owner only, put in place when it is whole; its bytes. Raises InvalidInput."""
    partial_path = path.with_name(path.name + ".part")
    try:
        partial_path.unlink(missing_ok=True)
        with os.fdopen(os.open(partial_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks(connection, form):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        partial_path.replace(path)
    except OSError as error:
        partial_path.unlink(missing_ok=True)
        raise InvalidInput("fans.export_failed", path=str(path), reason=error.strerror or str(error), reason_code=os_code(error)) from error
    return size


def _encoded(texts: list[str], codec: str, *, is_first: bool) -> bytes:
    text = "".join(texts)
    if codec == "utf-8-sig" and not is_first:
        codec = "utf-8"
    return text.encode(codec, "replace")


def _table(connection: Connection, form: ExportForm) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)

    def line(values: list[Any]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(values)
        return buffer.getvalue()

    yield line([_header(column, form.locale) for column in _COLUMNS])
    query = select(identity.c.platform, identity.c.fan_id, identity.c.name, *(person.c[column] for column in _COLUMNS[3:]))
    joined = query.join(person, person.c.person_id == identity.c.person_id).order_by(identity.c.identity_id)
    for row in connection.execute(joined.execution_options(yield_per=1_000)):
        yield line([_told(column, value, form) for column, value in zip(_COLUMNS, row, strict=True)])


def _header(column: str, locale: str) -> str:
    return say("ui", locale, f"column.{column.removesuffix('_minor')}") if locale else column


def _told(column: str, value: Any, form: ExportForm) -> Any:
    if column.endswith("_at"):
        return "" if value is None else format_time(value)
    if column.endswith("_minor") and form.locale:
        return decimal(value, form.currency)
    return neutralised(value) if isinstance(value, str) else value
