"""Writing a workbook of Office Open XML as a stream: tables of any length in constant memory.

Source: ECMA-376 part 1, sections 18.2 (workbook), 18.3 (worksheets), 18.4.7 (characters that
XML cannot hold) and part 2 (the zip package). Text goes in as inline strings, which no program
takes for a formula, whatever they begin with. Why not by a library:
docs/adr/0031-workbooks-are-written-as-a-stream.md.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Final

ROWS_A_SHEET: Final = 1_048_576
LONGEST_CELL: Final = 32_767
CUT: Final = " … (cut here; CSV and JSON have it whole)"
FLUSH_AT: Final = 1 << 16

NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# styles: 0 plain, 1 a heading, 2 text that stays text also when somebody edits the cell
STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}">
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"
 quotePrefix="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
SHEET_START = f"""{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>
<sheetFormatPr defaultRowHeight="15"/><sheetData>"""
SHEET_END = "</sheetData></worksheet>"


class Outflow:
    """A file that only goes forward: the zip writes into it, somebody takes what has come."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes."""
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is there."""

    def take(self) -> bytes:
        """Give out what was written since the last time."""
        taken = b"".join(self.waiting)
        self.waiting.clear()
        return taken


def workbook(
    title: str,
    columns: Iterable[str],
    rows: Iterable[Iterable[str | int | None]],
    *,
    rows_a_sheet: int = ROWS_A_SHEET,
) -> Iterator[bytes]:
    """Yield the bytes of a workbook with one table; a sheet that is full is followed by another.

    Args:
        title: the name of the sheet, at most 24 characters without any of `[]:*?/\\`.
        columns: the headings, repeated on every sheet.
        rows: text as text, numbers as numbers, None as an empty cell.
        rows_a_sheet: how many rows a sheet holds with its heading.
    """
    outflow = Outflow()
    headings = "".join(_cell(name, style=1) for name in columns)
    remaining = iter(rows)
    row = next(remaining, None)
    sheets = 0
    with zipfile.ZipFile(outflow, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:  # type: ignore[call-overload]
        while row is not None or not sheets:
            sheets += 1
            with package.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                parts = [SHEET_START, f"<row>{headings}</row>"]
                size, written = 0, 1
                while row is not None and written < rows_a_sheet:
                    parts.append(f"<row>{''.join(map(_cell, row))}</row>")
                    size += len(parts[-1])
                    written += 1
                    row = next(remaining, None)
                    if size > FLUSH_AT:
                        sheet.write("".join(parts).encode())
                        parts, size = [], 0
                        yield outflow.take()
                sheet.write(("".join(parts) + SHEET_END).encode())
        for name, text in _rest(title, sheets):
            package.writestr(name, text)
    yield outflow.take()


def _cell(value: str | int | None, style: int = 2) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int):
        return f"<c><v>{int(value)}</v></c>"
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'


def _text(value: str) -> str:
    """Write text so that a spreadsheet reads the same characters."""
    if len(value) > LONGEST_CELL:
        value = value[: LONGEST_CELL - len(CUT)] + CUT
    value = NOT_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _rest(title: str, sheets: int) -> Iterator[tuple[str, str]]:
    """Yield what binds the sheets together, by its name in the package."""
    numbers = range(1, sheets + 1)
    names = [title if number == 1 else f"{title} {number}" for number in numbers]
    listed = "".join(
        f'<sheet name="{_text(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet"'
        f' Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
        f' ContentType="{TYPES}.worksheet+xml"/>'
        for number in numbers
    )
    yield "xl/styles.xml", STYLES
    yield (
        "xl/workbook.xml",
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets></workbook>",
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId{sheets + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>",
    )
    yield (
        "_rels/.rels",
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    yield (
        "[Content_Types].xml",
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>{typed}</Types>',
    )
