"""What is said about one wrong line: each case with the whole of it, so that no answer misleads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.asking import contents, findings, marked, said
from tests.unit.examples import HEAD, MINIMAL

from byocgen import catalog as catalogs
from byocgen.manifest.container import DISTRIBUTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.shown import Shown


def answer(code: str, message: str, where: tuple[int, int, int], line: str, hint: str = "") -> str:
    """Write the answer to one line; `where` is the line, the column and the width of the carets."""
    number, column, width = where
    shown = [f"error[{code}]: {message}", f" --> byocgen.yaml:{number}:{column}", "  |", f"{number} | {line}"]
    shown += [f"  | {' ' * (column - 1)}{'^' * width}", *([f"  = help: {hint}"] if hint else [])]
    return "\n".join([*shown, f"  = docs: DOCS#{code.lower()}", "", "1 error"])


WORKERS = "serving: {workers: on}"
THREADS = "serving: {threads: on}"
THREADS_QUOTED = 'serving: {threads: "4"}'
BATCHING = "serving: {batching: on}"
REGIONS = "regions: []"
TYPE = "endpoint: {instance_type: m5.xlarge}"
REGION = "regions: [us-east1]"
LOGS = "observability: {log_retention_days: 31}"
SHADOW = "endpoint: {shadow: {}}"
EMPTY_NAME = "model: {framework: sklearn, inputs: [{name: '', type: float}]}"
PYTHON = 'model: {framework: sklearn, python: "3.10"}'
PATCH = 'model: {framework: sklearn, python: "3.12.4"}'
RETENTION = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"

LINES = {
    "workers of a word": (
        MINIMAL + WORKERS,
        answer("BYO203", '`serving.workers` is auto or a number, not "on"', (4, 20, 2), WORKERS),
    ),
    "threads of a word": (
        MINIMAL + THREADS,
        answer("BYO203", '`serving.threads` is auto or a number, not "on"', (4, 20, 2), THREADS),
    ),
    "threads in quotes": (
        MINIMAL + THREADS_QUOTED,
        answer(
            "BYO203",
            '`serving.threads` is auto or a number, not "4"',
            (4, 20, 3),
            THREADS_QUOTED,
            "without quotes: 4",
        ),
    ),
    "batching of a word": (
        MINIMAL + BATCHING,
        answer("BYO203", '`serving.batching` is auto, off or a block, not "on"', (4, 21, 2), BATCHING),
    ),
    "no region": (MINIMAL + REGIONS, answer("BYO205", "`regions` must have at least 1 entry", (4, 1, 7), REGIONS)),
    "an empty name": (
        HEAD + EMPTY_NAME,
        answer("BYO205", "`model.inputs[0].name` must have at least 1 character", (3, 45, 2), EMPTY_NAME),
    ),
    "an EC2 type": (
        MINIMAL + TYPE,
        answer(
            "BYO206",
            "`endpoint.instance_type`: an instance type looks like ml.m5.xlarge; or auto",
            (4, 27, 9),
            TYPE,
            'did you mean "ml.m5.xlarge"?',
        ),
    ),
    "a region without a hyphen": (
        MINIMAL + REGION,
        answer(
            "BYO206", "`regions[0]`: a region looks like us-east-1", (4, 11, 8), REGION, 'did you mean "us-east-1"?'
        ),
    ),
    "days between two steps": (
        MINIMAL + LOGS,
        answer(
            "BYO203",
            f'`observability.log_retention_days` is one of {RETENTION}, not "31"',
            (4, 37, 2),
            LOGS,
            "the nearest is 30",
        ),
    ),
    "a Python that is too old": (
        HEAD + PYTHON,
        answer("BYO203", '`model.python` is one of 3.11, 3.12, 3.13, not "3.10"', (3, 37, 6), PYTHON),
    ),
    "a Python with its patch": (
        HEAD + PATCH,
        answer(
            "BYO203",
            '`model.python` is one of 3.11, 3.12, 3.13, not "3.12.4"',
            (3, 37, 8),
            PATCH,
            'did you mean "3.12"?',
        ),
    ),
    "a shadow that lacks its parts": (
        MINIMAL + SHADOW,
        answer("BYO201", "`endpoint.shadow.instance_type` is missing", (4, 12, 6), SHADOW, ""),
    ),
    "a name that is missing": (
        "# mine\nversion: 1\nmodel: {framework: sklearn}",
        (
            "error[BYO201]: `name` is missing\n --> byocgen.yaml:1:1\n  = help: write: name: my-model\n"
            "  = docs: DOCS#byo201\n\n1 error"
        ),
    ),
}


@pytest.mark.parametrize("case", LINES)
def test_answer(case: str) -> None:
    text, expected = LINES[case]
    assert said(text + "\n") == expected


def test_counts_have_their_plural() -> None:
    text = MINIMAL + f"regions: [{', '.join(['us-east-1'] * 33)}]\n"
    assert [one.message for one in findings(text)] == ["`regions` must have at most 32 entries"]


# ---- variables of the container

IMAGE = "the image sets it; delete the line"
PLATFORM = "the platform sets it; delete the line"
LOADER = "delete the line; native libraries come with a package of model.requirements"
PYTHONS = "the image sets up Python; delete the line; packages go into model.requirements"
ROLE = "use the endpoint's execution role and delete the line; a key that stood in a file must be replaced"
VARIABLES = {
    "PATH": IMAGE,
    "VIRTUAL_ENV": IMAGE,
    "HOME": "the image sets it to /tmp, the one place that can be written; delete the line",
    "LD_PRELOAD": LOADER,
    "LD_LIBRARY_PATH": LOADER,
    "LD_AUDIT": LOADER,
    "SM_MODEL_DIR": PLATFORM,
    "SAGEMAKER_BIND_TO_PORT": PLATFORM,
    "SAGEMAKER_SAFE_PORT_RANGE": PLATFORM,
    "SAGEMAKER_MULTI_MODEL": PLATFORM,
    "SAGEMAKER_BATCH": PLATFORM,
    "SAGEMAKER_BATCH_STRATEGY": PLATFORM,
    "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": PLATFORM,
    "SAGEMAKER_MAX_PAYLOAD_IN_MB": PLATFORM,
    "PYTHONPATH": PYTHONS,
    "PYTHONHOME": PYTHONS,
    "PYTHONUNBUFFERED": PYTHONS,
    "AWS_ACCESS_KEY_ID": ROLE,
    "AWS_SECRET_ACCESS_KEY": ROLE,
    "AWS_SESSION_TOKEN": ROLE,
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_is_not_the_manifests_to_set(name: str) -> None:
    does = "does not belong in a manifest" if name.startswith("AWS_") else "is not the manifest's to set"
    line = f"serving: {{environment: {{{name}: x}}}}"
    expected = answer("BYO311", f"{name} {does}", (4, 25, len(name)), line, VARIABLES[name])
    assert said(MINIMAL + line + "\n") == expected


@pytest.mark.parametrize("name", ["SM_LOG_LEVEL", "SM_NUM_CPUS", "OMP_NUM_THREADS", "PYTHON_ENV", "MYPATH", "AWS_X"])
def test_a_variable_of_the_users(name: str) -> None:
    assert findings(MINIMAL + f'serving: {{environment: {{{name}: "4"}}}}\n') == ()


def test_a_variable_is_answered_beside_a_wrong_artifact() -> None:
    text = HEAD + "model: {framework: sklearn, artifact: [x]}\nserving: {environment: {PATH: x}}\n"
    assert marked(text) == [("BYO204", "artifact"), ("BYO311", "PATH")]


# ---- packages

PACKAGES = (
    *("pandas", "pandas>=2.2", "pandas >= 2.2, < 3", "pandas==2.*", "pandas~=2.2", "pandas===2.2", "a", "a1-b.c_d"),
    *(
        "pandas[excel]",
        "pandas[excel, aws] >=2",
        "pandas[excel,aws]>=2.2,!=2.2.1,<3",
        "torch==2.5.1+cpu",
        "x>=1!2.0rc1",
    ),
    *("pandas; python_version < '3.13'", "pandas>=2 ; python_version>='3.11' and sys_platform == \"linux\""),
    *(
        "x; a not in 'b'",
        "x; (os_name == 'posix' or 'arm' in platform_machine) and extra != 'y'",
        "numpy>=2",
        "uvicorn<1",
        "scikit-learn-extra",
    ),
)
NO_PACKAGES = (
    *("a b", "git+https://x", "pandas @ https://x/y.whl", "https://x/y.whl", "./wheels/y.whl", "-r other.txt", "--pre"),
    *("pandas>=", "pandas=2", "pandas>=2 <3", "pandas>=2,", "pandas[", "pandas;", "pandas; yes", "pandas==latest", ""),
    *("pandas -i x", "-pandas", "pandas-", "a # b", "a\nb", "pandas; python_version < '3.13' or", "a=b=c", "a,b"),
    *("x; " + "ininin or " * 24, "x; " + "in in in or " * 20, "a-" * 127, "x>=1" + ",<2" * 80 + ","),
)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package(package: str) -> None:
    text = HEAD + f"model:\n  framework: sklearn\n  requirements:\n  - {_quoted(package)}\n"
    assert findings(text) == ()
    assert contents(text)["requirements-extra.in"].splitlines()[-1] == package


@pytest.mark.parametrize("package", NO_PACKAGES)
def test_no_package(package: str) -> None:
    line = f"  - {_quoted(package)}"
    expected = answer(
        "BYO206",
        "`model.requirements[0]`: one package is wanted, such as pandas>=2.2 or pandas[excel]>=2.2,<3; "
        "python_version < '3.13'",
        (6, 5, len(line) - 4),
        line,
        "a package of its own entry each; one that lies in Git, at a URL or in a folder: publish it to an index",
    )
    assert said(HEAD + f"model:\n  framework: sklearn\n  requirements:\n{line}\n") == expected


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"').replace("\n", "\\n") + '"'


OWN = {
    "scikit-learn==1.2": 'delete it and write: framework_version: "1.2"',
    "Scikit_Learn == 1.5.2": 'delete it and write: framework_version: "1.5.2"',
    "sklearn": "delete it; model.framework_version names its version",
    "scikit-learn>=1.2,<2": "delete it; model.framework_version names its version",
    "scikit-learn[docs]": "delete it; model.framework_version names its version",
}


@pytest.mark.parametrize("package", OWN)
def test_the_framework_is_no_package_beside_itself(package: str) -> None:
    name = "sklearn" if package == "sklearn" else "scikit-learn"
    line = f"  - {package}"
    message = f"{name} is the framework itself, which the image has already"
    expected = answer("BYO303", message, (6, 5, len(package)), line, OWN[package])
    assert said(HEAD + f"model:\n  framework: sklearn\n  requirements:\n{line}\n") == expected


def test_another_frameworks_package_is_a_package() -> None:
    assert marked(HEAD + "model: {framework: pytorch, requirements: [scikit-learn, torch]}\n") == [("BYO303", "torch")]
    assert marked(HEAD + "model: {framework: sklern, requirements: [scikit-learn]}\n") == [("BYO203", "sklern")]


def test_the_frameworks_packages_are_the_catalogues() -> None:
    known = {name: one.distribution for name, one in catalogs.load().frameworks.items()}
    assert list(known) == list(DISTRIBUTIONS)
    assert [name for name in known if known[name] and known[name] not in DISTRIBUTIONS[name]] == []
    assert (known["python"], DISTRIBUTIONS["python"]) == ("", ())


def test_the_torch_under_transformers_is_no_package_of_its_own() -> None:
    found = findings(HEAD + "model: {framework: transformers, requirements: ['torch==2.13.0']}\n")
    assert [(one.code, one.message, one.help) for one in found] == [
        ("BYO303", "torch comes with the framework, which the image has already", "delete it")
    ]


# ---- the default of a limit follows the mode

SMALL = MINIMAL + "endpoint: {mode: %s}\n"


@pytest.mark.parametrize("mode", ["serverless", "async", "batch", "multi-model"])
def test_no_default_is_above_the_limit_of_a_mode(mode: str) -> None:
    assert marked(SMALL % mode) == []


def test_a_limit_that_is_written_is_judged() -> None:
    text = SMALL % "serverless" + "serving: {max_payload_mib: 6}\n"
    assert marked(text) == [("BYO304", "6")]


# ---- the command line


@pytest.mark.parametrize("given", ["3.10", "3.1", "0x1F", "1e5", "010"])
def test_a_setting_is_quoted_as_it_was_typed(run: Callable[..., Shown], folder: Path, given: str) -> None:
    shown = run("new", "churn", "--framework", "sklearn", "--set", f"model.python={given}")
    assert list(folder.iterdir()) == []
    assert f"6 |   python: {given}\n  |           {'^' * len(given)}\n" in shown.err
    assert f"""put it in quotes: --set 'model.python="{given}"'; allowed are: 3.11, 3.12, 3.13\n""" in shown.err


WHOLE = """\
error[BYO207]: `model.python` is a number where a text is wanted
 --> byocgen.yaml:6:11
  |
6 |   python: 3.10
  |           ^^^^
  = help: YAML reads 3.10 as the number 3.1; put it in quotes: --set 'model.python="3.10"'; allowed are: 3.11, 3.12, 3.13
  = docs: DOCS#byo207

1 error
"""


def test_a_setting_without_quotes(run: Callable[..., Shown], folder: Path) -> None:
    shown = run("new", "churn", "--framework", "sklearn", "--set", "model.python=3.10")
    assert (shown.code, shown.out, shown.err) == (1, "", WHOLE)
    assert list(folder.iterdir()) == []


def test_a_setting_is_written_as_it_was_typed(run: Callable[..., Shown], folder: Path) -> None:
    settings = ("serving.workers=0x2", "model.size_gib=1.50e-1", 'tags={a: "1.50"}', 'model.python="3.12"')
    shown = run("new", "churn", "--framework", "sklearn", *(part for one in settings for part in ("--set", one)))
    assert shown.code == 0
    written = (folder / "churn" / "byocgen.yaml").read_text("utf-8")
    assert written.partition("version")[2] == (
        ": 1\nname: churn\nmodel:\n  framework: sklearn\n  python: '3.12'\n  size_gib: 1.50e-1\n"
        "serving:\n  workers: 0x2\ntags:\n  a: '1.50'\n"
    )
