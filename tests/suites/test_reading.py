"""Suites as people and strangers write them: every format, every kind of broken row, nothing that harms."""

from __future__ import annotations

import json
import resource
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.errors import UsageError
from sora_compare.suites.reading import FILE_LIMIT, READERS, ROW_LIMIT, built_in_suite, read_suite, suite_file

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.comparisons import Suite

ARTICLE_ROWS = {"gravity", "collision", "fluid", "cloth", "light", "motion", "faces", "clarity", "consistency"}


def prompts(suite: Suite) -> list[str]:
    return [one.prompt for one in suite.prompts]


def broken_lines(suite: Suite) -> list[int]:
    return [one.line for one in suite.broken]


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read_suite(name, content)
    return str(caught.value)


class TestFormats:
    def test_the_built_in_suite_covers_every_row_of_the_article(self) -> None:
        suite = built_in_suite()
        assert not suite.broken
        tagged = [tag for one in suite.prompts for tag in one.tags]
        assert {tag for tag in ARTICLE_ROWS if tagged.count(tag) >= 2} == ARTICLE_ROWS

    def test_csv_with_every_column(self) -> None:
        content = b"prompt,tags,seconds,size,seed,style,repeats\na ball,gravity; Collision,8,720x1280,7,noir,3\n"
        (one,) = read_suite("a.csv", content).prompts
        assert (one.prompt, one.tags, one.seconds, one.size) == ("a ball", ("gravity", "collision"), 8, "720x1280")
        assert (one.seed, one.style, one.repeats, one.line) == (7, "noir", 3, 2)

    def test_jsonl_takes_objects_and_bare_texts(self) -> None:
        content = b'{"prompt": "a ball", "tags": ["Gravity"], "seconds": 8}\n\n"a cat"\n'
        suite = read_suite("a.jsonl", content)
        assert prompts(suite) == ["a ball", "a cat"]
        assert [one.line for one in suite.prompts] == [1, 3]
        assert suite.prompts[0].tags == ("gravity",)

    @pytest.mark.parametrize("head", ["", "prompts:\n"])
    def test_yaml_takes_a_list_with_or_without_a_name(self, head: str) -> None:
        content = f"{head}- a cat\n- prompt: a ball\n  tags: [gravity, light]\n  seconds: 8\n  style: ~\n"
        suite = read_suite("a.yml", content.encode())
        assert prompts(suite) == ["a cat", "a ball"]
        assert suite.prompts[1].tags == ("gravity", "light")
        assert (suite.prompts[1].seconds, suite.prompts[1].style) == (8, None)

    @pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.yaml"])
    def test_a_byte_order_mark_and_windows_line_ends(self, name: str) -> None:
        rows = {"a.csv": "prompt\r\nein Käse\r\n", "a.jsonl": '"ein Käse"\r\n', "a.yaml": "- ein Käse\r\n"}
        assert prompts(read_suite(name, b"\xef\xbb\xbf" + rows[name].encode())) == ["ein Käse"]


class TestCsvQuirks:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_the_delimiters_of_spreadsheets(self, delimiter: str) -> None:
        content = f"Prompt {delimiter}seconds\na ball{delimiter}8\n".encode()
        (one,) = read_suite("a.csv", content).prompts
        assert (one.prompt, one.seconds) == ("a ball", 8)

    def test_texts_over_several_lines_keep_the_line_of_the_next_row(self) -> None:
        content = b'prompt,seconds\n"a ball,\nthen ""two""",8\na cat,many\n'
        suite = read_suite("a.csv", content)
        assert prompts(suite) == ['a ball,\nthen "two"']
        assert broken_lines(suite) == [4]

    def test_a_quote_that_never_ends_costs_one_row_and_not_the_rest(self) -> None:
        suite = read_suite("a.csv", b'prompt\na ball\n"a cat\na dog\na cow\n')
        assert prompts(suite) == ["a ball", "a dog", "a cow"]
        assert broken_lines(suite) == [3]

    def test_more_cells_than_columns_are_told_with_what_to_do(self) -> None:
        suite = read_suite("a.csv", b"prompt\na ball, red\na cat\n")
        assert prompts(suite) == ["a cat"]
        assert "double quotes" in suite.broken[0].sentence

    def test_old_line_ends_and_empty_lines(self) -> None:
        assert prompts(read_suite("a.csv", b"prompt\ra ball\r\ra cat\r")) == ["a ball", "a cat"]

    def test_a_field_without_end_is_one_broken_row(self) -> None:
        suite = read_suite("a.csv", b"prompt\n" + b"x" * 200_000 + b"\na cat\n")
        assert prompts(suite) == ["a cat"]
        assert broken_lines(suite) == [2]

    def test_without_a_prompt_column(self) -> None:
        assert "name the columns" in refusal("a.csv", b"text,seconds\na ball,8\n")


class TestBrokenRows:
    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ({"prompt": ""}, "prompt is missing"),
            ({"tags": ["x"]}, "prompt is missing"),
            ({"prompt": 7}, "prompt is missing"),
            ({"prompt": "x" * 4001}, "4,001 characters"),
            ({"prompt": "a", "seconds": "eight"}, "seconds is “eight”"),
            ({"prompt": "a", "seconds": 8.5}, "seconds is “8.5”"),
            ({"prompt": "a", "seconds": 0}, "from 1 to 120"),
            ({"prompt": "a", "seconds": True}, "seconds is “True”"),
            ({"prompt": "a", "seconds": -4}, "seconds is “-4”"),
            ({"prompt": "a", "size": "big"}, "write it as 1280x720"),
            ({"prompt": "a", "seed": 2**63}, "seed is"),
            ({"prompt": "a", "repeats": 101}, "from 1 to 100"),
            ({"prompt": "a", "colour": "red"}, "no field “colour”"),
            ({"prompt": "a", "tags": [["b"]]}, "tags"),
            ({"prompt": "a", "tags": {"b": 1}}, "tags"),
            ({"prompt": "a", "style": ["noir"]}, "style"),
            ({"prompt": "cut \ud83d"}, "half a character"),
            (["a"], "neither a text"),
            (None, "neither a text"),
            (3, "neither a text"),
        ],
    )
    def test_each_is_named_by_its_line_and_the_others_are_kept(self, row: object, words: str) -> None:
        content = "\n".join(json.dumps(one) for one in ("a ball", row, "a cat"))
        suite = read_suite("a.jsonl", content.encode())
        assert prompts(suite) == ["a ball", "a cat"]
        (broken,) = suite.broken
        assert broken.line == 2
        assert words in broken.sentence

    def test_a_line_that_is_no_json(self) -> None:
        suite = read_suite("a.jsonl", b'"a ball"\n{"prompt": \n"a cat"\n')
        assert broken_lines(suite) == [2]

    def test_separators_inside_a_text_do_not_count_as_lines(self) -> None:
        content = '"a ball\u2028and a cat"\n{broken\n"a dog\x0b"\n'
        suite = read_suite("a.jsonl", content.encode())
        assert broken_lines(suite) == [2, 3]
        assert prompts(suite) == ["a ball\u2028and a cat"]

    @pytest.mark.parametrize("head", ["", "# of ours\nprompts:\n"])
    def test_yaml_that_is_broken_somewhere_keeps_its_other_entries(self, head: str) -> None:
        content = f"{head}  - a\n  - {{c\n  - prompt: b\n    seconds: 8\n  - d: [\n  - e\n"
        suite = read_suite("a.yaml", content.encode())
        first = head.count("\n") + 1
        assert [(one.line, one.prompt) for one in suite.prompts] == [(first, "a"), (first + 2, "b"), (first + 5, "e")]
        assert broken_lines(suite) == [first + 1, first + 4]

    def test_yaml_that_is_broken_everywhere(self) -> None:
        assert "Line 2: not YAML" in refusal("a.yaml", b"{a: [b\n")


class TestHostile:
    def test_an_alias_bomb_stays_small(self) -> None:
        bomb = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
        content = "\n".join([*bomb, "prompts:", "- {prompt: a cat, tags: *a11}", "- a ball", "- *a11", ""])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        suite = read_suite("a.yaml", content.encode())
        assert prompts(suite) == ["a ball"]
        assert len(suite.broken) == 2
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000

    @pytest.mark.parametrize(
        "row",
        [
            '- !!python/object/apply:os.system ["touch harmed"]',
            "- !!python/name:os.system ''",
            '- prompt: !!python/object/new:os.system ["touch harmed"]',
            "- prompt: !include /etc/passwd",
            "- &again [*again]",
            "- ? {deep: key}\n  : value",
            "- <<: {prompt: merged}",
        ],
    )
    def test_tags_recursion_and_merges_are_rows_that_cannot_be_used(self, row: str) -> None:
        suite = read_suite("a.yaml", f"- a cat\n{row}\n".encode())
        assert prompts(suite) == ["a cat"]
        assert broken_lines(suite) == [2]

    def test_a_number_that_takes_for_ever_to_read_is_read_as_text(self) -> None:
        content = f"- a cat\n- {{prompt: a, seconds: {'1:' * 100_000}1}}\n"
        started = time.process_time()
        suite = read_suite("a.yaml", content.encode())
        spent = time.process_time() - started
        started = time.process_time()
        read_suite("a.yaml", f"- a cat\n- {{prompt: a, style: {'1;' * 100_000}1}}\n".encode())
        assert broken_lines(suite) == [2]
        assert spent < 10 * (time.process_time() - started) + 0.1

    @pytest.mark.parametrize("content", ["[" * 100_000, "- " * 50_000, "{a: " * 50_000])
    def test_nesting_without_end(self, content: str) -> None:
        assert "no prompt that can be used" in refusal("a.yaml", content.encode())

    def test_json_nested_without_end_and_numbers_without_end(self) -> None:
        suite = read_suite("a.jsonl", b'"a cat"\n' + b"[" * 100_000 + b"\n" + b"1" * 5000 + b"\n")
        assert broken_lines(suite) == [2, 3]

    @pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.yaml"])
    def test_too_large_and_too_many(self, name: str) -> None:
        assert "split it" in refusal(name, b"x" * (FILE_LIMIT + 1))
        rows = {"a.csv": "prompt\n" + "a\n" * 6000, "a.jsonl": '"a"\n' * 6000, "a.yaml": "- a\n" * 6000}
        assert f"more than {ROW_LIMIT:,} rows" in refusal(name, rows[name].encode())

    @pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x01\x02", b"prompt\n"])
    def test_nothing_in_it(self, content: bytes) -> None:
        for name in ("a.csv", "a.jsonl", "a.yaml"):
            assert refusal(name, content)

    def test_text_in_another_encoding(self) -> None:
        assert "not UTF-8" in refusal("a.csv", "prompt\nein Käse\n".encode("utf-16"))

    @given(st.text(max_size=200))
    @settings(max_examples=150, deadline=None)
    def test_any_text_gives_a_suite_or_a_sentence(self, text: str) -> None:
        for ending in READERS:
            try:
                suite = read_suite(f"a.{ending}", text.encode())
            except UsageError:
                continue
            assert all(one.prompt.strip() for one in suite.prompts)


@pytest.mark.parametrize("name", ["a.txt", "a", "", "a.csv.exe"])
def test_other_endings(name: str) -> None:
    assert "give a .csv, .jsonl, .yaml or .yml file" in refusal(name, b"prompt\na\n")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        suite_file(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="cannot be read"):
        suite_file(tmp_path)
