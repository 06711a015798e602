"""YAML's traps, each with the whole of what a person sees."""

from __future__ import annotations

import pytest

from byocgen import present
from byocgen.manifest.load import load

HEAD = "version: 1\nname: churn\n"
DOCS = "https://github.com/byocgen/byocgen/blob/main/docs/diagnostics.md"

TRAPS: dict[str, tuple[str, str]] = {
    "a version without quotes": (
        HEAD + "model: {framework: sklearn, python: 3.10}\n",
        f"""\
error[BYO207]: `model.python` is a number where a text is wanted
 --> byocgen.yaml:3:37
  |
3 | model: {{framework: sklearn, python: 3.10}}
  |                                     ^^^^
  = help: YAML reads 3.10 as the number 3.1; put it in quotes: "3.10"; allowed are: 3.11, 3.12, 3.13
  = docs: {DOCS}#byo207

1 error""",
    ),
    "a framework version without quotes": (
        HEAD + "model:\n  framework: sklearn\n  framework_version: 1.10\n",
        f"""\
error[BYO207]: `model.framework_version` is a number where a text is wanted
 --> byocgen.yaml:5:22
  |
5 |   framework_version: 1.10
  |                      ^^^^
  = help: YAML reads 1.10 as the number 1.1; put it in quotes: "1.10"
  = docs: {DOCS}#byo207

1 error""",
    ),
    "yes for true": (
        HEAD + "model: {framework: sklearn}\nsecurity:\n  run_as_root: yes\n",
        f"""\
error[BYO204]: `security.run_as_root` must be true or false, not "yes"
 --> byocgen.yaml:5:16
  |
5 |   run_as_root: yes
  |                ^^^
  = help: byocgen reads YAML 1.2, where yes, no, on and off are texts: write true or false
  = docs: {DOCS}#byo204

1 error""",
    ),
    "a key written twice": (
        HEAD + "model: {framework: sklearn}\nname: other\n",
        f"""\
error[BYO103]: "name" is written twice; first on line 2
 --> byocgen.yaml:4:1
  |
4 | name: other
  | ^^^^
  = help: keep one of them
  = docs: {DOCS}#byo103

1 error""",
    ),
    "a tab": (
        HEAD + "model:\n\tframework: sklearn\n",
        f"""\
error[BYO105]: a tab stands where YAML wants spaces
 --> byocgen.yaml:4:1
  |
4 | \u2192framework: sklearn
  | ^
  = help: indent with spaces
  = docs: {DOCS}#byo105

1 error""",
    ),
    "two documents": (
        HEAD + "model: {framework: sklearn}\n---\nversion: 1\n",
        f"""\
error[BYO102]: a second document starts here
 --> byocgen.yaml:4:1
  |
4 | ---
  | ^
  = help: a file holds one manifest: remove the --- or move what follows into a file of its own
  = docs: {DOCS}#byo102

1 error""",
    ),
    "an anchor and its alias": (
        HEAD + "model: {framework: sklearn}\ntags:\n  team: &team growth\n  owner: *team\n",
        f"""\
error[BYO104]: anchors and aliases are not read in a manifest
 --> byocgen.yaml:5:9
  |
5 |   team: &team growth
  |         ^^^^^^^^^^^^
  = help: write the value out
  = docs: {DOCS}#byo104

1 error""",
    ),
    "an unknown alias": (
        HEAD + "model: *model\n",
        f"""\
error[BYO104]: anchors and aliases are not read in a manifest
 --> byocgen.yaml:3:8
  |
3 | model: *model
  |        ^
  = help: write the value out
  = docs: {DOCS}#byo104

1 error""",
    ),
    "a merge key": (
        HEAD + "model:\n  <<: {python: '3.12'}\n  framework: sklearn\n",
        f"""\
error[BYO104]: merge keys are not read in a manifest
 --> byocgen.yaml:4:3
  |
4 |   <<: {{python: '3.12'}}
  |   ^^
  = help: write the fields out
  = docs: {DOCS}#byo104

1 error""",
    ),
    "a tag": (
        HEAD + "model: {framework: !!python/name:os.system x}\n",
        f"""\
error[BYO104]: tags are not read in a manifest
 --> byocgen.yaml:3:20
  |
3 | model: {{framework: !!python/name:os.system x}}
  |                    ^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: write the plain value
  = docs: {DOCS}#byo104

error[BYO203]: `model.framework` is one of sklearn, xgboost, lightgbm, pytorch, transformers, onnx, python, not "x"
 --> byocgen.yaml:3:20
  |
3 | model: {{framework: !!python/name:os.system x}}
  |                    ^^^^^^^^^^^^^^^^^^^^^^^^^
  = docs: {DOCS}#byo203

2 errors""",
    ),
    "a list": (
        "- version\n",
        f"""\
error[BYO107]: a manifest is a mapping of fields
 --> byocgen.yaml:1:1
  |
1 | - version
  | ^
  = help: start with: version: 1
  = docs: {DOCS}#byo107

1 error""",
    ),
    "an open bracket": (
        HEAD + "model: {framework: sklearn\n",
        f"""\
error[BYO101]: the file is not YAML: expected ',' or '}}', but got '<stream end>'
 --> byocgen.yaml:4:1
  = docs: {DOCS}#byo101

1 error""",
    ),
    "a control character": (
        HEAD + "model: {framework: \x07}\n",
        f"""\
error[BYO106]: character U+0007 may not stand in YAML
 --> byocgen.yaml:3:20
  = help: delete it, or write it escaped in double quotes
  = docs: {DOCS}#byo106

1 error""",
    ),
    "another encoding": (
        HEAD.replace("churn", "\udcfc"),
        f"""\
error[BYO106]: byte 17 is not UTF-8
 --> byocgen.yaml:2:7
  = help: save the file as UTF-8
  = docs: {DOCS}#byo106

1 error""",
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_trap(trap: str) -> None:
    text, expected = TRAPS[trap]
    assert present.diagnostics(load(text.encode(errors="surrogateescape"), "byocgen.yaml").diagnostics) == expected


def test_words_of_yaml_1_1_are_texts() -> None:
    text = (
        HEAD
        + "model: {framework: sklearn}\ntags: {a: on, b: off, c: no, d: 1:30, e: 2026-11-22}\nserving: {batching: off}\n"
    )
    loaded = load(text.encode(), "byocgen.yaml")
    assert loaded.diagnostics == ()
    assert loaded.manifest is not None
    assert loaded.manifest.tags == {"a": "on", "b": "off", "c": "no", "d": "1:30", "e": "2026-11-22"}
    assert loaded.manifest.serving.batching == "off"
