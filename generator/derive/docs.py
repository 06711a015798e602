"""`docs/manifest.md` from the model's descriptions, `docs/diagnostics.md` from the rules and their failing examples.

`docs/verify.md` comes from the checks, `docs/decisions.md` from the plans of the examples. `python -m derive.docs` writes
all four, `--check` exits 1 with a diff. The failing examples are those of the tests, so that what a page shows is what
byocgen prints.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.unit.asking import HERE
from tests.unit.examples import EXAMPLES, PRICES

from byocgen import present, workflow
from byocgen.diagnostics import RULES, Diagnostic
from byocgen.errors import ManifestError
from byocgen.manifest.schema import schema
from byocgen.manifest.wording import known_fields
from derive import conformance, decisions
from derive.outputs import Output, compare, write

_LIMITS = {"minimum": ">= ", "exclusiveMinimum": "> ", "maximum": "<= "}
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
}
DOCS = Path(__file__).parents[2] / "docs"
GENERATED = "<!-- Written by `make docs`. Change the code, not this page. -->\n"


def derive() -> list[Output]:
    """Every page."""
    return [
        Output(DOCS / "manifest.md", manifest_page()),
        Output(DOCS / "diagnostics.md", diagnostics_page()),
        Output(DOCS / "verify.md", conformance.page(GENERATED)),
        Output(DOCS / "decisions.md", decisions.page(GENERATED)),
    ]


def manifest_page() -> str:
    """One table for each block of the manifest, in the order of the file."""
    root = schema()
    definitions: dict[str, Any] = root["definitions"]
    blocks = "\n".join(_blocks("", root, definitions))
    return f"""# The manifest, version 1

{GENERATED}
`byocgen.yaml` is YAML 1.2: `yes`, `no`, `on` and `off` are texts, versions go in quotes, anchors and tags are not read.
Only `version`, `name` and `model.framework` are required; unknown fields are errors. `byocgen schema` prints the JSON
Schema for editors. What is not generated yet is refused with [BYO401](diagnostics.md#byo401).
{blocks}"""


def _blocks(path: str, block: dict[str, Any], definitions: dict[str, Any]) -> Iterator[str]:
    yield f"\n## {'`' + path + '`' if path else 'Top level'}\n"
    yield "| field | type | default | what it is |\n|---|---|---|---|"
    below: list[tuple[str, dict[str, Any]]] = []
    for name in known_fields(tuple(path.split("."))) if path else known_fields(()):
        field = block["properties"][name]
        inner = _definition(field, definitions)
        default = "required" if name in block.get("required", ()) else _default(field)
        described = field.get("description") or (inner or {}).get("description", "")
        yield f"| `{name}` | {_kind(field)} | {default} | {_cell(described)} |"
        if inner is not None:
            below.append((f"{path}.{name}" if path else name, inner))
    for name, inner in below:
        yield from _blocks(name, inner, definitions)


def _definition(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any] | None:
    """Find the block that a field holds: itself, one of several forms, or the items of a list."""
    several = [form for name in ("allOf", "anyOf", "oneOf") for form in field.get(name, ())]
    for form in (field, *several, field.get("items", {})):
        reference = form.get("$ref", "")
        if reference:
            found: dict[str, Any] = definitions[reference.rsplit("/", 1)[1]]
            return found
    return None


def _kind(field: dict[str, Any]) -> str:
    several = next((field[name] for name in ("allOf", "anyOf", "oneOf") if name in field), [field])
    forms = [form for form in several if form.get("type") != "null"]
    return _cell(" or ".join(_form(form) for form in forms))


def _form(form: dict[str, Any]) -> str:
    if "$ref" in form:
        return "block"
    if "const" in form:
        return f"`{form['const']}`"
    if "enum" in form:
        return ", ".join(f"`{value}`" for value in form["enum"])
    bounds = ", ".join(f"{sign}{form[name]:g}" for name, sign in _LIMITS.items() if name in form)
    kind = _WORDS.get(form.get("type", ""), form.get("type", "value"))
    return f"{kind} {bounds}".strip()


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    if value in (None, "", [], {}) or isinstance(value, dict):
        return "-"
    if isinstance(value, list):
        return f"`{value[0]}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def diagnostics_page() -> str:
    """One section for each code: a manifest that has it, and what byocgen says."""
    sections = "".join(_section(code, title) for code, title in RULES.items())
    return f"""# Diagnostics

{GENERATED}
Codes are stable. 1xx is about the file as text, 2xx about one field, 3xx about fields together (35x only warn), 4xx about
what is not generated yet.
{sections}"""


def _section(code: str, title: str) -> str:
    example = EXAMPLES[code]
    said = "\n\n".join(present.one_diagnostic(one) for one in found(example, PRICES.get(code)) if one.code == code)
    shown = f"```yaml\n{example.rstrip()}\n```\n\n" if isinstance(example, str) else ""
    shown += f"with a `byocgen.prices.json` of\n\n```json\n{PRICES[code].decode()}```\n\n" if code in PRICES else ""
    return f"\n## {code}\n\n{title}.\n\n{shown}```console\n{said}\n```\n"


def found(text: str | bytes, prices: bytes | None = None) -> tuple[Diagnostic, ...]:
    """Everything that byocgen says about a manifest."""
    data = text.encode() if isinstance(text, str) else text
    try:
        return workflow.generate(data, "byocgen.yaml", HERE, prices).warnings
    except ManifestError as error:
        return error.diagnostics


def main() -> None:
    """Write, or check."""
    outputs = derive()
    if "--check" not in sys.argv[1:]:
        write(outputs)
        return
    difference = compare(outputs)
    sys.stdout.write(difference)
    sys.exit(1 if difference else 0)


if __name__ == "__main__":
    main()
