"""A table from outside, row by row: CSV in whatever a spreadsheet or a shop writes it, or JSON objects a line.

It streams, changes nothing on the disk, and hands on a row that can't be read with its reason instead of stopping.
"""

import codecs
import contextlib
import csv
import io
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from studio.errors import InvalidInput
from studio.model.cells import BadCell

ENCODINGS: Final = ("utf-8", "gb18030", "utf-16", "big5")
"""What a file may be in, by the names of Python's codecs; GB18030 reads every GBK and GB2312 file as well."""
MAX_COLUMNS: Final = 200
MAX_CELL: Final = 100_000
"""Signs in a cell: beyond this a quote was opened and never closed, and would swallow the rest of the file."""
_READ_BYTES: Final = 1 << 20
_LOOKED_AT: Final = 100
"""Objects of a JSONL file whose keys become its columns."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_JSON_NAMES: Final = frozenset({".jsonl", ".ndjson"})
_DELIMITERS: Final = (",", "\t", ";", "|")

csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True, slots=True)
class Record:
    """A row: the line on which it begins (from 1), its cells by header, or why it can't be used."""

    line: int
    cells: dict[str, str]
    fault: BadCell | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened and understood table; `records` may be gone through again and again. `is_events` marks JSON lines with type and time."""

    path: Path
    bytes: int
    encoding: str
    headers: tuple[str, ...]
    delimiter: str = ""
    """Empty for JSON lines."""
    is_events: bool = False

    def records(self) -> Generator[tuple[Record, int]]:
        """Each row and how many bytes of the file have been read so far; blank rows are passed over."""
        with self.path.open("rb") as file, contextlib.closing(_csv_rows(self, file) if self.delimiter else _json_rows(file)) as rows:
            for record in rows:
                yield record, file.tell()


def look(path: Path, encoding: str = "") -> Sheet:
    """Find out what a file is, `encoding` overriding the guess. Raises InvalidInput for what is no table."""
    try:
        with path.open("rb") as file:
            start = file.read(_READ_BYTES)
            size = path.stat().st_size
            found = encoding or _encoding(start, file)
    except OSError as error:
        raise InvalidInput("import.unreadable", path=path.name) from error
    if start.startswith(_WORKBOOKS):
        raise InvalidInput("import.workbook", path=path.name)
    if found not in ENCODINGS:
        raise InvalidInput("field.choice", field="encoding", choices=", ".join(ENCODINGS))
    text = _decoded(start, found, path)
    if not text.strip():
        raise InvalidInput("import.empty", path=path.name)
    if text.lstrip().startswith("{") or path.suffix.lower() in _JSON_NAMES:
        return _json_sheet(path, size)
    delimiter = _delimiter(text)
    headers = _headers(text, delimiter, path)
    return Sheet(path, size, found, headers, delimiter)


def _encoding(start: bytes, file: BinaryIO) -> str:
    """By its byte order mark; else UTF-8 when all of it is, else GB18030, which is what Excel in China writes."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        chunk = start
        while chunk:
            decoder.decode(chunk)
            chunk = file.read(_READ_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _decoded(start: bytes, encoding: str, path: Path) -> str:
    """The beginning as text, broken signs shown as such; a file that is mostly broken is no text."""
    text = codecs.getincrementaldecoder(_codec(encoding))("replace").decode(start)
    if sum(sign < " " and sign not in "\t\r\n" for sign in text) + text.count("\ufffd") > max(20, len(text) // 20):
        raise InvalidInput("import.no_text", path=path.name)
    return text


def _codec(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _delimiter(text: str) -> str:
    line = text.lstrip().split("\n", 1)[0]
    return max(_DELIMITERS, key=line.count)


def _headers(text: str, delimiter: str, path: Path) -> tuple[str, ...]:
    try:
        row = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cell.strip() for cell in row))
    except (csv.Error, StopIteration) as error:
        raise InvalidInput("import.no_header", path=path.name) from error
    headers = [cell.strip() for cell in row]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise InvalidInput("import.too_many_columns", limit=MAX_COLUMNS)
    return tuple(_distinct([header[:200] or f"#{number}" for number, header in enumerate(headers, 1)]))


def _distinct(headers: list[str]) -> list[str]:
    """A header that stands twice gets its column's number, so that no column hides another."""
    return [
        header if headers.index(header) == number else f"{header} #{number + 1}" for number, header in enumerate(headers)
    ]  # at most 200 columns: looking back is cheap


def _csv_rows(sheet: Sheet, file: BinaryIO) -> Generator[Record]:
    text = io.TextIOWrapper(file, encoding=_codec(sheet.encoding), errors="replace", newline="")
    reader = csv.reader(text, delimiter=sheet.delimiter, strict=True)
    has_header = False
    try:
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Record(line, {}, BadCell("cell.quote", field=str(reader.line_num), value=""))
                continue
            if not any(cell.strip() for cell in row):
                continue
            if not has_header:
                has_header = True
                continue
            yield _record(sheet, line, row)
    finally:
        text.detach()


def _record(sheet: Sheet, line: int, row: list[str]) -> Record:
    extra = [cell for cell in row[len(sheet.headers) :] if cell.strip()]
    if extra:
        return Record(line, {}, BadCell("cell.too_many", field=str(len(sheet.headers)), value=extra[0][:40]))
    return Record(line, dict(zip(sheet.headers, (cell.strip() for cell in row), strict=False)))


def _json_sheet(path: Path, size: int) -> Sheet:
    headers: dict[str, None] = {}
    is_events = False
    with path.open("rb") as file:
        for number, record in enumerate(_json_rows(file)):
            if number == _LOOKED_AT:
                break
            headers.update(dict.fromkeys(list(record.cells)[:MAX_COLUMNS]))
            is_events = is_events or ("type" in record.cells and "at" in record.cells)
    return Sheet(path, size, "utf-8", tuple(headers)[:MAX_COLUMNS], is_events=is_events)


def _json_rows(file: BinaryIO) -> Generator[Record]:
    number = 0
    while line := file.readline(MAX_CELL + 1):
        number += 1
        if len(line) > MAX_CELL:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_CELL)
            yield Record(number, {}, BadCell("cell.quote", field=str(number), value=""))
        elif line.strip():
            yield _json_record(number, line)


def _json_record(number: int, line: bytes) -> Record:
    try:
        value = json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return Record(number, {}, BadCell("cell.not_json", field="", value=""))
    return Record(number, dict(_flat(value, "", 0)))


def _flat(value: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    """Objects inside by dotted names, lists of texts joined, the first of a list of objects: what a table can show of them."""
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, list) and item and isinstance(item[0], dict):
            item = item[0]  # noqa: PLW2901 - the list stands for its first
        if isinstance(item, dict):
            if depth < 4:
                yield from _flat(item, f"{name}.", depth + 1)
        elif isinstance(item, list):
            yield name, "\n".join(_text(one) for one in item)
        else:
            yield name, _text(item)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
