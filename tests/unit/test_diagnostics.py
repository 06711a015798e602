"""Every diagnostic code with its whole output; all findings at once, in order, and none that only follows from another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.unit.asking import findings, marked, said
from tests.unit.examples import EXAMPLES, HEAD, MINIMAL, PRICES
from tests.unit.said import SAID

from byocgen import present
from byocgen.diagnostics import RULES, Diagnostic, Severity

PAGE = Path(__file__).parents[2] / "docs" / "diagnostics.md"


def test_every_code_has_an_example() -> None:
    assert list(EXAMPLES) == list(RULES)
    assert list(SAID) == list(RULES)


@pytest.mark.parametrize("code", EXAMPLES)
def test_example(code: str) -> None:
    assert said(EXAMPLES[code], PRICES.get(code)) == SAID[code]
    assert code in {one.code for one in findings(EXAMPLES[code], PRICES.get(code))}


def test_the_page_has_a_section_for_every_code() -> None:
    assert re.findall(r"^## (BYO\d+)$", PAGE.read_text("utf-8"), re.MULTILINE) == list(RULES)


def test_the_page_shows_what_is_said() -> None:
    page = PAGE.read_text("utf-8")
    firsts = {code: text.splitlines()[0] for code, text in SAID.items()}
    assert {code: line for code, line in firsts.items() if code in line and line not in page} == {}


@pytest.mark.parametrize("code", RULES)
def test_codes_from_351_to_399_are_warnings(code: str) -> None:
    severities = {one.severity for one in findings(EXAMPLES[code], PRICES.get(code)) if one.code == code}
    assert severities == {Severity.WARNING if 351 <= int(code[3:]) < 400 else Severity.ERROR}


def test_a_code_without_a_title_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="BYO999 has no entry in RULES"):
        Diagnostic("BYO999", "")


MANY = """\
version: 0
name: churn_score
model:
  framework: sklern
  python: 3.10
  colour: red
serving: {workers: 0, timeout_seconds: 90}
regions: [us-east-1, us-east-1]
tags: {"aws:team": growth}
tags: {team: growth}
"""

ALL_AT_ONCE = r"""error[BYO203]: `version` is 1, not "0"
 --> byocgen.yaml:1:10
  |
1 | version: 0
  |          ^
  = docs: DOCS#byo203

error[BYO206]: `name`: letters, digits and hyphens are wanted, a letter or digit at both ends
 --> byocgen.yaml:2:7
  |
2 | name: churn_score
  |       ^^^^^^^^^^^
  = docs: DOCS#byo206

error[BYO203]: `model.framework` is one of sklearn, xgboost, lightgbm, pytorch, transformers, onnx, python, not "sklern"
 --> byocgen.yaml:4:14
  |
4 |   framework: sklern
  |              ^^^^^^
  = help: did you mean "sklearn"?
  = docs: DOCS#byo203

error[BYO207]: `model.python` is a number where a text is wanted
 --> byocgen.yaml:5:11
  |
5 |   python: 3.10
  |           ^^^^
  = help: YAML reads 3.10 as the number 3.1; put it in quotes: "3.10"; allowed are: 3.11, 3.12, 3.13
  = docs: DOCS#byo207

error[BYO202]: there is no field "colour" in `model`
 --> byocgen.yaml:6:3
  |
6 |   colour: red
  |   ^^^^^^
  = help: the fields are: framework, framework_version, python, artifact, task, size_gib, generation, requirements, inputs
  = docs: DOCS#byo202

error[BYO205]: `serving.workers` must be at least 1
 --> byocgen.yaml:7:20
  |
7 | serving: {workers: 0, timeout_seconds: 90}
  |                    ^
  = docs: DOCS#byo205

error[BYO304]: 90 s; the platform ends an invocation of mode realtime after 60 s
 --> byocgen.yaml:7:40
  |
7 | serving: {workers: 0, timeout_seconds: 90}
  |                                        ^^
  = help: lower it, or use mode async (up to 3600 s)
  = docs: DOCS#byo304

error[BYO303]: us-east-1 is named twice
 --> byocgen.yaml:8:22
  |
8 | regions: [us-east-1, us-east-1]
  |                      ^^^^^^^^^
  = help: delete one
  = docs: DOCS#byo303

error[BYO206]: `tags.aws:team`: AWS takes letters, digits, spaces and _.:/=+-@, and no aws: in front
 --> byocgen.yaml:9:8
  |
9 | tags: {"aws:team": growth}
  |        ^^^^^^^^^^
  = docs: DOCS#byo206

error[BYO103]: "tags" is written twice; first on line 9
  --> byocgen.yaml:10:1
   |
10 | tags: {team: growth}
   | ^^^^
   = help: keep one of them
   = docs: DOCS#byo103

10 errors"""


def test_all_at_once_in_the_order_of_the_lines() -> None:
    assert said(MANY) == ALL_AT_ONCE


def test_as_data() -> None:
    text = (
        MINIMAL + "model: 1\nserving: {worker: 2}\nendpoint: {instance_type: ml.g4dn.xlarge}\nregions: [eu-west-1, x]\n"
    )
    page = "https://github.com/byocgen/byocgen/blob/main/docs/diagnostics.md"
    rows = [
        ("BYO103", '"model" is written twice; first on line 3', "keep one of them", "", 4, 1),
        ("BYO202", 'there is no field "worker" in `serving`', 'did you mean "workers"?', "serving.worker", 5, 11),
        ("BYO351", "scikit-learn does not use the T4 of ml.g4dn.xlarge, and you pay for it",
         "a CPU type such as ml.m5.xlarge costs a fraction", "endpoint.instance_type", 6, 27),
        ("BYO206", "`regions[1]`: a region looks like us-east-1", "", "regions[1]", 7, 22),
    ]  # fmt: skip
    expected = [
        {
            "code": code,
            "severity": "warning" if code == "BYO351" else "error",
            "message": message,
            "help": hint,
            "key": key,
            "path": "byocgen.yaml",
            "line": line,
            "column": column,
            "docs": f"{page}#{code.lower()}",
        }
        for code, message, hint, key, line, column in rows
    ]
    assert json.loads(json.dumps(present.diagnostics_data(findings(text)))) == expected


GUESSES = {
    "nmae: churn\n": 'did you mean "name"?',
    "endpoints: {}\n": 'did you mean "endpoint"?',
    "serving: {thread: 2}\n": 'did you mean "threads"?',
    "serving: {batching: {maxsize: 2}}\n": 'did you mean "max_size"?',
    "endpoint: {asynch: {}}\n": 'did you mean "async"?',
    "endpoint: {async: {notify: a@b.c}}\n": 'did you mean "notify_email"?',
    "endpoint: {mode: real-time}\n": 'did you mean "realtime"?',
    "endpoint: {instance_type: ml.m5d.xxlarge}\n": 'did you mean "ml.m5d.xlarge"?',
    "serving: {optimize: atuo}\n": 'did you mean "auto"?',
    "regions: [eu-wset-1]\n": 'did you mean "eu-west-1"?',
    "files: {eject: [makefile]}\n": 'did you mean "Makefile"?',
    "zzz: 1\n": "the fields are: version, name, description, model, serving, endpoint, regions, replication, network, security, "
    "observability, cost, ci, tags, files",
}


@pytest.mark.parametrize("line", GUESSES)
def test_guess(line: str) -> None:
    assert GUESSES[line] in [one.help for one in findings(MINIMAL + line)]


ALONE: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a mode that does not exist judges no block": (
        MINIMAL + "endpoint:\n  mode: servrless\n  serverless: {memory_mib: 2048}\nserving: {timeout_seconds: 600}\n",
        [("BYO203", "servrless")],
    ),
    "a framework that does not exist judges no task, no version, no column": (
        HEAD
        + 'model: {framework: transformer, framework_version: "9", task: x, inputs: [{name: a, type: float}], size_gib: 99}\n',
        [("BYO203", "transformer"), ("BYO308", "99")],
    ),
    "an instance type of the wrong form judges no size": (
        HEAD + "model: {framework: sklearn, size_gib: 99}\nendpoint: {instance_type: m5}\nserving: {workers: 200}\n",
        [("BYO206", "m5")],
    ),
    "an unknown instance type judges no size": (
        HEAD + "model: {framework: sklearn, size_gib: 99}\nendpoint: {instance_type: ml.m5.x}\n",
        [("BYO302", "ml.m5.x")],
    ),
    "a misspelt instance type judges no size": (
        HEAD + "model: {framework: sklearn, size_gib: 99}\nendpoint: {instance_typ: ml.m5.24xlarge}\n",
        [("BYO202", "instance_typ")],
    ),
    "a misspelt required field is not missing as well": (
        "version: 1\nnam: churn\nmodel: {framework: sklearn}\n",
        [("BYO202", "nam")],
    ),
    "a wrong version judges no Python": (
        HEAD + 'model: {framework: sklearn, framework_version: 1.5, python: "3.13"}\n',
        [("BYO207", "1.5")],
    ),
    "a wrong artifact is not an absent one": (
        HEAD + "model: {framework: sklearn, artifact: 5, inputs: [{name: a, type: float}]}\n",
        [("BYO207", "5")],
    ),
    "a path that leaves the project is not looked for": (
        HEAD + "model: {framework: sklearn, artifact: /model.joblib}\n",
        [("BYO306", "/model.joblib")],
    ),
    "a wrong strategy judges no step": (
        MINIMAL + "endpoint: {deployment: {strategy: canry, step_percent: 60}}\n",
        [("BYO203", "canry")],
    ),
    "a wrong item of a list judges no other item by its place": (
        HEAD
        + "model:\n  framework: sklearn\n  inputs:\n  - {type: float}\n  - {name: a, type: flot}\n  - {name: b, type: float}\n"
        "  - {name: b, type: float}\n",
        [("BYO201", "{"), ("BYO203", "flot")],
    ),
    "a wrong item of a list is not a list that is too short": (
        MINIMAL + "regions: [Ireland]\n",
        [("BYO206", "Ireland")],
    ),
    "workers of the wrong type judge no vCPUs": (
        MINIMAL + "serving: {workers: many, threads: 64}\n",
        [("BYO203", "many")],
    ),
}


@pytest.mark.parametrize("case", ALONE)
def test_nothing_that_only_follows(case: str) -> None:
    text, expected = ALONE[case]
    assert sorted(marked(text)) == sorted(expected)


def test_many_wrong_items_hide_nothing() -> None:
    wrong = "".join(f"  - {{type: {kind}}}\n" for kind in ("float", "flot") * 40)
    text = MINIMAL.replace("{framework: sklearn}", "\n  framework: sklearn\n  inputs:\n" + wrong.rstrip())
    found = findings(text + "serving: {timeout_seconds: 90}\n")
    assert [one.code for one in found] == [*["BYO201", "BYO201", "BYO203"] * 40, "BYO304"]
    assert [one.line for one in found if one.code == "BYO203"] == list(range(7, 86, 2))


def test_a_text_that_is_nested_too_deeply() -> None:
    text = MINIMAL + "tags:\n  team: " + "[" * 250 + "]" * 250 + "\n"
    assert [(one.code, one.message, one.line, one.column) for one in findings(text)] == [
        ("BYO204", "`tags.team` must be a text", 5, 3),
        ("BYO101", "the file is nested too deeply", 5, 40),
    ]


BESIDE: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a limit beside an unknown field": (
        MINIMAL + "serving: {timeout_seconds: 90}\ncolour: red\n",
        [("BYO304", "90"), ("BYO202", "colour")],
    ),
    "a block of another mode beside a missing name": (
        "version: 1\nmodel: {framework: sklearn}\nendpoint: {async: {}}\n",
        [("BYO201", ""), ("BYO301", "async")],
    ),
    "an unknown region beside a wrong number": (
        MINIMAL + "regions: [us-east-9]\nendpoint: {instance_count: 0}\n",
        [("BYO307", "us-east-9"), ("BYO205", "0")],
    ),
    "an unknown type beside a wrong word and a wrong path": (
        HEAD
        + "model: {framework: sklearn, artifact: /m}\nendpoint: {instance_type: ml.m5.x}\nci: {provider: gitlab}\n",
        [("BYO306", "/m"), ("BYO302", "ml.m5.x"), ("BYO203", "gitlab")],
    ),
    "what is not generated yet beside a wrong tag": (
        HEAD + "model: {framework: transformers, artifact: m, task: ner, size_gib: 1}\ntags: {a: <b>}\n",
        [("BYO352", "m"), ("BYO401", "ner"), ("BYO206", "<b>")],
    ),
}


@pytest.mark.parametrize("case", BESIDE)
def test_rules_between_fields_beside_wrong_fields(case: str) -> None:
    text, expected = BESIDE[case]
    assert marked(text) == expected


def test_nothing_of_a_manifest_reaches_the_terminal_as_a_command() -> None:
    text = MINIMAL + 'tags: {"a\\e[31m\\n::error::x": 1, "b\\x9b\\u202e": 2}\n'
    assert [char for char in said(text) if not (char.isprintable() or char == "\n")] == []
    assert not [line for line in said(text).splitlines() if line.startswith("::")]
