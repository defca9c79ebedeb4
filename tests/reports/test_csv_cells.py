"""Text of strangers in a CSV file: no spreadsheet runs it, and it begins no row of its own."""

from __future__ import annotations

import csv
import io

import pytest

from sora_compare.evidence.tables import as_csv

BEGINNINGS = ["=1+1", "+1", "-1", "@a", " =1", "\u00a0=1", "\uff1d1", "\uff0b1", "\uff0d1", " \uff20a"]
HIDDEN = ["\t=1", "\n=1", "\r=1", "\0=1", "\t\0=1", "\ttext", "\ntext", "\rtext", "\0text"]


@pytest.mark.parametrize("text", BEGINNINGS + HIDDEN)
def test_text_that_begins_a_formula_is_kept_from_being_one(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv([{"note": text}], ["note"])))
    assert row["note"].startswith("'")


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_a_line_break_in_a_cell_begins_no_row(end: str) -> None:
    written = as_csv([{"note": f"fine{end}=cmd|'/C calc'!A0", "score": 4}], ["note", "score"])
    assert "\r" not in written, "some programs take a lone carriage return for the end of a row"
    (row,) = csv.DictReader(io.StringIO(written))
    assert row == {"note": "fine\n=cmd|'/C calc'!A0", "score": "4"}


def test_text_stands_in_quotes_and_numbers_do_not() -> None:
    written = as_csv([{"=name": "a", "n": -4.5, "empty": None}], ["=name", "n", "empty"])
    assert written == '"\'=name","n","empty"\n"a",-4.5,""\n'
