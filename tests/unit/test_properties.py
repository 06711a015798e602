"""Any text gives a manifest or located diagnostics; any manifest gives files that hold its values and nothing else."""

from __future__ import annotations

import json
import re
import string
import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit import tfvars
from tests.unit.asking import contents, findings, generated
from tests.unit.examples import EXAMPLES, MINIMAL
from tests.unit.full import FULL

from byocgen import catalog as catalogs
from byocgen import present
from byocgen.manifest import source
from byocgen.manifest.compose import compose
from byocgen.manifest.load import load

if TYPE_CHECKING:
    from byocgen.diagnostics import Diagnostic

CATALOG = catalogs.load()
QUICK = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

# ---- any text


def misplaced(data: bytes, found: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    """Return the findings that stand nowhere in the file; the end of the file is one line further."""
    lines = [*data.decode("utf-8-sig", "replace").splitlines(), ""]
    return [
        one
        for one in found
        if one.path != "byocgen.yaml"
        or not 1 <= one.line <= len(lines)
        or not 1 <= one.column <= len(lines[one.line - 1]) + 1
        or one.snippet not in ("", lines[one.line - 1])
    ]


def check(data: bytes) -> None:
    """Read a manifest; it is usable or says why not, in the file and in words."""
    loaded = load(data, "byocgen.yaml")
    assert loaded.usable or any(one.severity.value == "error" for one in loaded.diagnostics)
    assert misplaced(data, loaded.diagnostics) == []
    assert present.diagnostics(loaded.diagnostics).encode().count(b"[BYO") >= len(loaded.diagnostics)
    assert len(json.loads(json.dumps(present.diagnostics_data(loaded.diagnostics)))) == len(loaded.diagnostics)
    if loaded.manifest is not None:
        assert misplaced(data, findings(data) if not loaded.usable else ()) == []


@QUICK
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfe\x00")
@example(b"\xef\xbb\xbf- ")
def test_any_bytes(data: bytes) -> None:
    check(data)


@QUICK
@given(
    st.text(alphabet=st.sampled_from("{}[]:-,'\"&*!|>%@`#?~ \n\r\t\\ab01.<=\u0085\u2028\ufeff\U0001f600"), max_size=60)
)
@example('a: "\\ud800"')
@example('a: "\\UFFFFFFFF"')
@example('"\\U00110000": 1')
@example("a: .inf")
@example("a: -.INF\nb: +.Inf")
@example("? [a]\n: 1")
@example("&a {b: *a}")
@example("a: &b [*b]")
@example("{" * 300)
@example("a: " + "[" * 600)
@example("a: " + "[" * 250 + "]" * 250)
@example("- " * 2000)
@example("%YAML 9.9\n---\na: 1")
@example("%TAG ! %FF\n---\n!x a")
@example("a: " + "9" * 400 + "\nb: 0x" + "f" * 400)
@example("a: 1e999")
def test_any_text(text: str) -> None:
    check(text.encode())
    check((MINIMAL + text).encode())


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5000),
    st.floats(allow_nan=False),
    st.sampled_from(
        ["", "auto", "off", "name", "sklearn", "s3://", "ml.m5.xlarge", "us-east-1", "../x", "[key]", "word", "value"]
    ),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["min", "word"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place of a manifest's values."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, item in inner for path in paths(item, (*above, key)))]


WHOLE = source.parse(FULL.encode(), "byocgen.yaml")[0]
assert WHOLE is not None
PLACES = paths(WHOLE.value)[1:]


@QUICK
@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["put", "drop", "add"]), VALUES), min_size=1, max_size=4
    )
)
def test_any_change_of_values(changes: list[tuple[tuple[Any, ...], str, Any]]) -> None:
    values = json.loads(json.dumps(WHOLE.value if WHOLE else {}))
    for place, kind, value in changes:
        change(values, place, kind, value)
    check(compose(values).encode())


def change(values: Any, place: tuple[Any, ...], kind: str, value: Any) -> None:
    """Replace or drop what stands at a place, or add a field beside it, where that place is still there."""
    for part in place[:-1]:
        values = (
            values[part]
            if isinstance(values, list) and isinstance(part, int) and part < len(values)
            else (values.get(part) if isinstance(values, dict) else None)
        )
    if isinstance(values, dict):
        values.pop(place[-1], None)
        if kind != "drop":
            values["added" if kind == "add" else place[-1]] = value
    elif isinstance(values, list):
        values.insert(0, value)


@QUICK
@given(
    st.sampled_from([FULL, MINIMAL, *(text for text in EXAMPLES.values() if isinstance(text, str))]),
    st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 12), st.text("{}[]:-,'\"&*!|>%@#?~ \n\tA0.", max_size=4)),
        min_size=1,
        max_size=3,
    ),
)
def test_any_change_of_text(text: str, cuts: list[tuple[int, int, str]]) -> None:
    for start, length, new in cuts:
        at = start % (len(text) + 1)
        text = text[:at] + new + text[at + length :]
    check(text.encode())


# ---- what is written is what is read


@QUICK
@given(st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=4))
@example({"name": "08"})
@example({"name": "1e5", "a": "0o17", "b": "-.5", "c": "1.5e3", "d": "0x1F", "e": "+12", "f": "0b1", "g": "1_000"})
@example({"a": "yes", "b": "~", "c": "", "d": "null", "e": "True", "f": ".inf", "g": "=", "<<": "<<", "h": "1:30"})
@example({"a": "\x85\u2028\ufeff\x00\x1b", "b": "- x", "c": " x ", "d": "a\n\n b\n", "e": "#", "f": "a: b", "g": "---"})
@example({"a": float("inf"), "b": 1e300, "c": 1e-9, "d": -0.0})
def test_composed_values_are_read_again(values: dict[str, Any]) -> None:
    parsed, found = source.parse(compose(values).encode(), "byocgen.yaml")
    assert found == []
    assert parsed is not None
    assert json.dumps(parsed.value, sort_keys=True) == json.dumps(values, sort_keys=True)


# ---- any valid manifest

HOSTILE = st.sampled_from(
    ['"', "'", "\\", "`", "${x}", "$${x}", "%{if x}", "%%{", "$(id)", "{{ x }}", "{% x %}", "${", "$", "#", "../", "C:\\bin\\f",
     "-->", "<b>", "](x)", "'''", "EOF", "é", "予測", "\U0001f600", "\u202e", "\x9b", "\xa0", "  ", "*/", "!", "\ufeff", "}"]
)  # fmt: skip
LINE = st.lists(
    HOSTILE | st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=6), max_size=6
).map("".join)
NAMED = LINE.filter(bool)
TEXTS = st.lists(
    HOSTILE | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6), max_size=6
).map("".join)
TAG = st.text(st.sampled_from(string.ascii_letters + "09 _.:/=+-@éß予"), min_size=1, max_size=12).filter(
    lambda text: not text.lower().startswith("aws:")
)
VARIABLE = st.from_regex(re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", re.ASCII), fullmatch=True)
INPUTS = st.lists(
    st.fixed_dictionaries({"name": NAMED, "type": st.sampled_from(["float", "integer", "boolean"])})
    | st.fixed_dictionaries(
        {"name": NAMED, "type": st.just("string")}, optional={"values": st.lists(LINE, max_size=3)}
    ),
    max_size=4,
    unique_by=lambda column: str(column["name"]),
)
CPU_TYPES = sorted(name for name, one in CATALOG.instances.items() if not one.neuron and one.provider_floor)
VERSIONS = [(v, p) for v, pythons in CATALOG.frameworks["sklearn"].versions.items() for p in pythons]


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """Make a manifest that nothing is wrong with."""
    version, python = draw(st.sampled_from(VERSIONS))
    requirement = st.tuples(
        st.sampled_from(["pandas", "numpy", "A.b_c[d, e] "]),
        st.sampled_from(["", ">=2", " ==1.*", "~=1.0, !=1!2+x"]),
        st.sampled_from(["", "; python_version < '3.13'", " ;\"a\" in platform_machine or os_name == 'b'"]),
    )
    return {
        "version": 1,
        "name": draw(st.from_regex(re.compile(r"[a-zA-Z0-9](-{0,2}[a-zA-Z0-9]){0,12}", re.ASCII), fullmatch=True)),
        "description": draw(LINE),
        "model": {
            "framework": "sklearn",
            "framework_version": version,
            "python": python,
            "requirements": ["".join(one) for one in draw(st.lists(requirement, max_size=2))],
            "inputs": draw(INPUTS),
            **draw(st.fixed_dictionaries({}, optional={
                "artifact": st.sampled_from(["artifacts/m.joblib", "./a b/$x 'y' #z!", 'a/../模型 "q"/']),
                "size_gib": st.sampled_from([0.01, 0.2, 0.5]),
            })),
        },
        "serving": {
            "workers": draw(st.sampled_from(["auto", 1])),
            "timeout_seconds": draw(st.integers(1, 60)),
            "max_payload_mib": draw(st.integers(1, 6)),
            "environment": draw(st.dictionaries(VARIABLE, TEXTS, max_size=3)),
        },
        "endpoint": {"instance_type": draw(st.sampled_from(CPU_TYPES)), "instance_count": draw(st.integers(1, 10000))},
        "regions": [draw(st.sampled_from(sorted(CATALOG.regions)))],
        "security": {"kms": draw(st.sampled_from(["managed", "aws"])), "run_as_root": draw(st.booleans())},
        "tags": {key.lower(): value for key, value in draw(st.dictionaries(TAG, TAG | st.just(""), max_size=3)).items()},
    }  # fmt: skip


@FEW
@given(manifests())
def test_any_manifest_gives_its_own_values(values: dict[str, Any]) -> None:
    text = compose(values)
    made = generated(text)
    files = {path: file.content.decode() for path, file in made.tree.items()}
    assert [path for path in files if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts] == []
    assert files["byocgen.yaml"] == text
    same_serving(files["serving.toml"], values)
    same_stack(files["terraform/terraform.tfvars"], values)
    same_payload(files.get("payload.json"), values)
    extra = [line for line in files["requirements-extra.in"].split("\n") if line and not line.startswith("#")]
    assert extra == values["model"]["requirements"]
    same_label(files["Dockerfile"], values["description"])


def same_label(dockerfile: str, description: str) -> None:
    """The image's label is the description, or is not there."""
    start = "org.opencontainers.image.description="
    labels = [line.strip() for line in dockerfile.split("\n") if start in line]
    literals = [label.removeprefix(start).removesuffix(" \\") for label in labels]
    assert [one for one in literals if not re.fullmatch(r'"(?:[^"\\$]|\\["\\$])*"', one)] == []
    assert [re.sub(r'\\(["\\$])', r"\1", one[1:-1]) for one in literals] == [description] * bool(description)


def same_serving(text: str, values: dict[str, Any]) -> None:
    """The app reads back what the manifest says."""
    read = tomllib.loads(text)
    model, serving = values["model"], values["serving"]
    assert read["model"] == {
        "name": values["name"],
        "framework": "sklearn",
        "framework_version": model["framework_version"],
        "python": model["python"],
    }
    assert read["server"]["timeout_seconds"] == serving["timeout_seconds"]
    assert read["server"]["max_payload_bytes"] == serving["max_payload_mib"] * 1024 * 1024
    if model["inputs"] or "artifact" in model:
        assert read.get("inputs", []) == model["inputs"]


def same_stack(text: str, values: dict[str, Any]) -> None:
    """Terraform reads back what the manifest says."""
    read = tfvars.read(text)
    assert {
        name: read[name] for name in ("name", "region", "tags", "kms", "instance_type", "instance_count", "environment")
    } == {
        "name": values["name"],
        "region": values["regions"][0],
        "tags": values["tags"],
        "kms": values["security"]["kms"],
        "instance_type": values["endpoint"]["instance_type"],
        "instance_count": values["endpoint"]["instance_count"],
        "environment": values["serving"]["environment"],
    }


def same_payload(text: str | None, values: dict[str, Any]) -> None:
    """The example request has the manifest's columns, or the sample's, or is not there."""
    inputs = values["model"]["inputs"]
    if not inputs and "artifact" in values["model"]:
        assert text is None
        return
    assert text is not None
    rows = json.loads(text)["instances"]
    if inputs:
        assert [list(row) for row in rows] == [[column["name"] for column in inputs]]
    else:
        assert {len(row) for row in rows} == {4}


@settings(FEW, max_examples=12)
@given(NAMED)
@example("a\u200bb")
@example(" ")
def test_a_description_changes_no_other_line(description: str) -> None:
    plain = contents(
        compose({"version": 1, "name": "churn", "description": "plain", "model": {"framework": "sklearn"}})
    )
    other = contents(
        compose({"version": 1, "name": "churn", "description": description, "model": {"framework": "sklearn"}})
    )
    changed = [path for path in plain if plain[path] != other[path] and path != "byocgen.yaml"]
    assert set(changed) <= {"Dockerfile", "README.md"}
    for path in changed:
        one, two = plain[path].split("\n"), other[path].split("\n")
        assert len(one) == len(two)
        assert len([1 for before, after in zip(one, two, strict=True) if before != after]) == 1


@QUICK
@given(st.text(max_size=40))
def test_a_composed_manifest_is_yaml_of_any_reader(text: str) -> None:
    assert yaml.safe_load(compose({"a": text})) == {"a": text}
