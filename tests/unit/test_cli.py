"""The command line as it is used: exit code, stdout and stderr together."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import byocgen
from byocgen import cli, present
from byocgen.diagnostics import DOCS
from byocgen.manifest import schema

from .asking import contents, generated
from .examples import MINIMAL

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("folder")


class Shown(NamedTuple):
    """What a command leaves behind."""

    code: int
    out: str = ""
    err: str = ""


Run = "Callable[..., Shown]"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Shown]:
    """Return `run(*arguments) -> Shown`, with DOCS for the page of the codes."""

    def one(*arguments: str) -> Shown:
        code = cli.run(list(arguments))
        out, err = capsys.readouterr()
        return Shown(code, out.replace(DOCS, "DOCS"), err.replace(DOCS, "DOCS"))

    return one


HELP = """\
Usage: byocgen [OPTIONS] COMMAND [ARGS]...

  Generate a tuned SageMaker serving container and its Terraform from a short
  model manifest.

Options:
  --version  Print the version.
  --help     Show this message and exit.

Commands:
  new      Make a project: serving app, Dockerfile and Terraform.
  check    Exit 1 when the project differs from its manifest, and show how.
  diff     Show what the manifest would change, as a patch that `git...
  explain  Show every decision with its reason and its source.
  schema   Print the manifest's JSON Schema (draft-07).
"""


def test_help(run: Callable[..., Shown]) -> None:
    assert run("--help") == Shown(0, HELP)
    assert run() == Shown(2, "", HELP)


def test_version(run: Callable[..., Shown]) -> None:
    assert run("--version") == Shown(0, f"byocgen {byocgen.__version__}\n")


def test_unknown_command_and_option(run: Callable[..., Shown]) -> None:
    assert run("frob") == Shown(
        2,
        "",
        "Usage: byocgen [OPTIONS] COMMAND [ARGS]...\nTry 'byocgen --help' for help.\n\nError: No such command 'frob'.\n",
    )
    assert run("schema", "--frob") == Shown(
        2,
        "",
        "Usage: byocgen schema [OPTIONS]\nTry 'byocgen schema --help' for help.\n\nError: No such option: --frob\n",
    )


def test_schema(run: Callable[..., Shown]) -> None:
    assert run("schema") == Shown(0, schema.text())


# ---- new

WARNING = """\
warning[BYO351]: scikit-learn does not use the T4 of ml.g4dn.xlarge, and you pay for it
  --> byocgen.yaml:11:18
   |
11 |   instance_type: ml.g4dn.xlarge
   |                  ^^^^^^^^^^^^^^
   = help: a CPU type such as ml.m5.xlarge costs a fraction
   = docs: DOCS#byo351

1 warning

"""
OPTIONS = (
    *("--framework", "sklearn", "--instance-type", "ml.g4dn.xlarge", "--region", "eu-west-1", "--mode", "realtime"),
    *("--set", "serving.workers=2", "--set", 'tags={team: growth, since: "2026"}', "--set", 'description="a: b"'),
)
MANIFEST = """\
version: 1
name: churn
description: 'a: b'
model:
  framework: sklearn
serving:
  workers: 2
endpoint:
  mode: realtime
  instance_type: ml.g4dn.xlarge
regions:
- eu-west-1
tags:
  team: growth
  since: '2026'
"""


def next_steps(name: str, count: int, lock: str = "") -> str:
    """Return what is said when a project is made."""
    return (
        f"{name} is made: {count} files. Next, in it:\n"
        f"  try it here      {lock}make setup model serve, then make invoke in another terminal\n"
        "  put it on AWS    make infra, then make release\n"
        "  understand it    README.md; byocgen explain shows each choice with its reason\n"
    )


def test_new_from_options(run: Callable[..., Shown], folder: Path) -> None:
    shown = run("new", "churn", *OPTIONS)
    written = (folder / "churn" / "byocgen.yaml").read_text("utf-8")
    head, _, values = written.partition("version")
    assert all(line.startswith("#") for line in head.splitlines())
    assert "version" + values == MANIFEST
    assert shown == Shown(0, "", WARNING + next_steps("churn", len(contents(written)) + 1))
    assert on_disk(folder / "churn") == {**contents(written), "byocgen.lock": lock_of(folder / "churn")}


def on_disk(folder: Path) -> dict[str, str]:
    """Return every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in folder.rglob("*") if path.is_file()
    }


def lock_of(folder: Path) -> str:
    """Return the lock's text."""
    return (folder / "byocgen.lock").read_text("utf-8")


def test_new_from_a_manifest(run: Callable[..., Shown], folder: Path) -> None:
    text = "# mine\r\n" + MINIMAL + "\n\n"
    (folder / "m.yaml").write_bytes(text.encode())
    count = len(contents(text)) + 1
    assert run("new", "--manifest", "m.yaml") == Shown(0, "", next_steps("churn", count))
    assert (folder / "churn" / "byocgen.yaml").read_bytes() == text.encode()
    (folder / "there").mkdir()
    assert run("new", "other", "--manifest", "m.yaml", "--output", "there") == Shown(
        0, "", next_steps("there/other", count)
    )
    assert on_disk(folder / "there" / "other") == on_disk(folder / "churn")


def test_new_dry(run: Callable[..., Shown], folder: Path) -> None:
    shown = run("new", "churn", "--framework", "sklearn", "--dry-run")
    paths = [*generated(MINIMAL).tree, "byocgen.lock"]
    assert shown == Shown(0, "".join(f"create   {path}\n" for path in paths))
    assert list(folder.iterdir()) == []


def test_new_as_json(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "m.yaml").write_text(MINIMAL + "endpoint: {instance_type: ml.g4dn.xlarge}\n", "utf-8")
    made = generated((folder / "m.yaml").read_text("utf-8"))
    actions = [{"action": "create", "path": path, "ownership": file.ownership} for path, file in made.tree.items()]
    for dry in (True, False):
        shown = run("new", "--manifest", "m.yaml", "--json", *["--dry-run"] * dry)
        data = json.loads(shown.out)
        assert (shown.code, shown.err) == (0, "")
        assert [(one["code"], one["path"], one["line"]) for one in data.pop("diagnostics")] == [("BYO351", "m.yaml", 4)]
        assert data == {
            "project": "churn",
            "dry_run": dry,
            "actions": [*actions, {"action": "create", "path": "byocgen.lock", "ownership": "managed"}],
        }
    assert (folder / "churn").is_dir()


def test_new_with_a_model(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "m #1.joblib").write_bytes(b"model")
    shown = run("new", "churn", "--framework", "sklearn", "--artifact", "./out/../out/m #1.joblib")
    assert (shown.code, shown.out) == (0, "")
    assert (folder / "churn" / "out" / "m #1.joblib").read_bytes() == b"model"
    assert not (folder / "churn" / "train.py").exists()


@pytest.mark.parametrize("where", ["absolute", "outside", "serving/model.joblib"])
def test_a_model_from_elsewhere_lies_in_artifacts(run: Callable[..., Shown], folder: Path, where: str) -> None:
    work = folder / "work"
    (work / "serving").mkdir(parents=True)
    source = work / where if where.startswith("serving") else folder / "model.joblib"
    source.write_bytes(b"model")
    os.chdir(work)
    given = {"absolute": str(source), "outside": "../model.joblib"}.get(where, where)
    assert run("new", "churn", "--framework", "sklearn", "--artifact", given).code == 0
    assert (work / "churn" / "artifacts" / "model.joblib").read_bytes() == b"model"
    assert "artifact: artifacts/model.joblib\n" in (work / "churn" / "byocgen.yaml").read_text("utf-8")


def test_the_model_beside_a_manifest_is_copied(run: Callable[..., Shown], folder: Path) -> None:
    (folder / "models" / "artifacts").mkdir(parents=True)
    (folder / "models" / "artifacts" / "m").write_bytes(b"model")
    text = MINIMAL.replace("sklearn", "sklearn, artifact: ./artifacts//m")
    (folder / "models" / "m.yaml").write_text(text, "utf-8")
    assert run("new", "--manifest", "models/m.yaml").code == 0
    assert (folder / "churn" / "artifacts" / "m").read_bytes() == b"model"


def test_new_with_packages_says_to_lock_them(run: Callable[..., Shown]) -> None:
    shown = run("new", "churn", "--framework", "sklearn", "--set", "model.requirements=[pandas]")
    assert shown == Shown(0, "", next_steps("churn", len(contents(MINIMAL)) + 1, "make lock && "))


@pytest.mark.parametrize("name", ["08", "1e5", "0x1F", "true", "null", "no", "a", "A--b"])
def test_any_name_may_be_given_without_quotes(run: Callable[..., Shown], folder: Path, name: str) -> None:
    assert run("new", name, "--framework", "sklearn").code == 0
    assert run("check", "-C", str(folder / name)).code == 0


REFUSED: dict[str, tuple[list[str], Shown]] = {
    "no name": (
        ["new"],
        Shown(2, "", "error: NAME is missing\n  = help: for example: byocgen new my-model --framework sklearn\n"),
    ),
    "no framework off a terminal": (
        ["new", "churn"],
        Shown(2, "", "error: --framework is missing\n  = help: for example: --framework sklearn\n"),
    ),
    "a name that is none": (
        ["new", "churn_score", "--framework", "sklearn"],
        Shown(
            1,
            "",
            "error[BYO206]: `name`: letters, digits and hyphens are wanted, a letter or digit at both ends\n"
            " --> byocgen.yaml:3:7\n  |\n3 | name: churn_score\n  |       ^^^^^^^^^^^\n  = docs: DOCS#byo206\n\n1 error\n",
        ),
    ),
    "a name that is a path": (
        ["new", "../churn", "--manifest", "m.yaml"],
        Shown(
            2,
            "",
            'error: "../churn" is no folder name\n  = help: NAME is one folder; --output names the folder around it\n',
        ),
    ),
    "an occupied folder": (
        ["new", "full", "--manifest", "m.yaml"],
        Shown(2, "", "error: full is not empty\n  = help: choose another name, or --output another folder\n"),
    ),
    "an occupied folder, dry": (
        ["new", "full", "--manifest", "m.yaml", "--dry-run"],
        Shown(2, "", "error: full is not empty\n  = help: choose another name, or --output another folder\n"),
    ),
    "no folder to make it in": (
        ["new", "--manifest", "m.yaml", "--output", "a/b"],
        Shown(2, "", "error: the folder a/b does not exist\n  = help: make it first: mkdir -p a/b\n"),
    ),
    "a manifest and options": (
        ["new", "--manifest", "m.yaml", "--region", "eu-west-1"],
        Shown(
            2,
            "",
            "error: --manifest is kept byte for byte, so it excludes options that set fields\n  = help: edit the file\n",
        ),
    ),
    "a manifest that is not there": (
        ["new", "--manifest", "n.yaml"],
        Shown(
            2,
            "",
            "error: there is no manifest at n.yaml\n"
            "  = help: run this in a generated project, or make one: byocgen new NAME (looked for byocgen.yaml)\n",
        ),
    ),
    "a model that is not there": (
        ["new", "churn", "--framework", "sklearn", "--artifact", "m.joblib"],
        Shown(2, "", "error: there is no m.joblib\n  = help: --artifact names a model file or folder\n"),
    ),
    "a setting without a value": (
        ["new", "churn", "--framework", "sklearn", "--set", "serving.workers"],
        Shown(
            2,
            "",
            'error: --set "serving.workers" is not of the form key.path=value\n'
            "  = help: for example: --set serving.workers=2\n",
        ),
    ),
    "a setting without a name": (
        ["new", "churn", "--framework", "sklearn", "--set", "serving.=2"],
        Shown(
            2,
            "",
            'error: --set "serving.=2" is not of the form key.path=value\n  = help: for example: --set serving.workers=2\n',
        ),
    ),
    "a setting below a text": (
        ["new", "churn", "--framework", "sklearn", "--set", "name.first=x"],
        Shown(2, "", 'error: --set "name.first=x": name already has a value of its own\n'),
    ),
    "a setting that is not YAML": (
        ["new", "churn", "--framework", "sklearn", "--set", "regions=[eu-west-1"],
        Shown(
            2,
            "",
            'error: --set "regions=[eu-west-1": the value is not YAML\n  = help: put a text in quotes: \'"[text"\'\n',
        ),
    ),
    "a setting that does not exist": (
        ["new", "churn", "--framework", "sklearn", "--set", "serving.worker=2", "--json"],
        Shown(
            1,
            present.json.dumps(
                {
                    "diagnostics": [
                        {
                            "code": "BYO202",
                            "severity": "error",
                            "message": 'there is no field "worker" in `serving`',
                            "help": 'did you mean "workers"?',
                            "key": "serving.worker",
                            "path": "byocgen.yaml",
                            "line": 7,
                            "column": 3,
                            "docs": "DOCS#byo202",
                        }
                    ]
                },
                indent=2,
            )
            + "\n",
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(run: Callable[..., Shown], folder: Path, case: str) -> None:
    (folder / "m.yaml").write_text(MINIMAL, "utf-8")
    (folder / "full" / "inside").mkdir(parents=True)
    arguments, expected = REFUSED[case]
    assert run(*arguments) == expected
    assert sorted(path.name for path in folder.iterdir()) == ["full", "m.yaml"]


# ---- check, diff, explain


@pytest.fixture
def project(folder: Path, make_project: Callable[..., Path]) -> Path:
    """A fresh project, and the folder to be in."""
    os.chdir(make_project(folder / "churn"))
    return folder / "churn"


SAME = Shown(0, "", "the project is what its manifest says\n")


@pytest.mark.usefixtures("project")
def test_a_fresh_project_is_clean(run: Callable[..., Shown]) -> None:
    assert run("check") == SAME
    assert run("diff") == SAME
    clean = present.json.dumps({"drift": False, "actions": [], "diagnostics": []}, indent=2) + "\n"
    assert run("check", "--json") == Shown(0, clean)
    assert run("diff", "--json") == Shown(0, clean)


def test_what_is_the_user_s_is_no_drift(run: Callable[..., Shown], project: Path) -> None:
    (project / "inference.py").write_text("# mine\n", "utf-8")
    (project / "train.py").unlink()
    (project / "terraform" / "extra.tf").write_text("# mine\n", "utf-8")
    (project / "byocgen.yaml").write_text(MINIMAL + "# a remark\n", "utf-8")
    assert run("check") == SAME


def edit(project: Path) -> None:
    """Edit one managed file and delete another."""
    (project / "serving.toml").unlink()
    app = project / "terraform" / "kms.tf"
    app.write_bytes(app.read_bytes() + b"# mine\n")


def test_drift(run: Callable[..., Shown], project: Path) -> None:
    edit(project)
    toml = contents(MINIMAL)["serving.toml"].splitlines(keepends=True)
    tail = contents(MINIMAL)["terraform/kms.tf"].splitlines(keepends=True)
    patch = (
        f"--- /dev/null\n+++ b/serving.toml\n@@ -0,0 +1,{len(toml)} @@\n"
        + "".join(f"+{line}" for line in toml)
        + f"--- a/terraform/kms.tf\n+++ b/terraform/kms.tf\n@@ -{len(tail) - 2},4 +{len(tail) - 2},3 @@\n"
        + "".join(f" {line}" for line in tail[-3:])
        + "-# mine\n"
    )
    listed = "create   serving.toml\nconflict terraform/kms.tf\n"
    assert run("diff") == Shown(0, patch, listed)
    assert run("check") == Shown(
        1,
        patch,
        listed
        + "error: terraform/kms.tf is managed and was edited; undo it (git checkout -- terraform/kms.tf) or make it yours"
        " (files.eject)\n"
        "error: the project is not what its manifest says; mend it with: byocgen diff | git apply\n",
    )


def test_drift_as_json(run: Callable[..., Shown], project: Path) -> None:
    edit(project)
    checked, diffed = run("check", "--json"), run("diff", "--json")
    assert (checked.code, checked.err, diffed.code, diffed.err) == (1, "", 0, "")
    assert checked.out == diffed.out
    data = json.loads(checked.out)
    assert [(one["action"], one["path"], one["ownership"], one["diff"][:3]) for one in data["actions"]] == [
        ("create", "serving.toml", "managed", "---"),
        ("conflict", "terraform/kms.tf", "managed", "---"),
    ]
    assert (data["drift"], data["diagnostics"]) == (True, [])


def test_the_mending_that_is_offered_mends(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL.replace("churn", "fraud") + "serving: {workers: 1}\n", "utf-8")
    edit(project)
    shown = run("check")
    assert shown.code == 1
    assert "mend it with: byocgen diff | git apply\n" in shown.err
    subprocess.run(["git", "apply"], input=run("diff").out.encode(), check=True, cwd=project)
    assert run("check") == SAME


def test_an_ejected_file_is_the_user_s(run: Callable[..., Shown], project: Path) -> None:
    (project / "Makefile").write_text("# mine\n", "utf-8")
    assert run("check").code == 1
    (project / "byocgen.yaml").write_text(MINIMAL + "files: {eject: [Makefile]}\n", "utf-8")
    shown = run("check")
    assert (shown.code, shown.err) == (
        1,
        "update   byocgen.lock\n"
        "error: the project is not what its manifest says; mend it with: byocgen diff | git apply\n",
    )
    subprocess.run(["git", "apply"], input=shown.out.encode(), check=True, cwd=project)
    assert run("check") == SAME
    assert (project / "Makefile").read_text("utf-8") == "# mine\n"


def test_a_file_that_is_no_longer_generated(run: Callable[..., Shown], project: Path) -> None:
    lock = json.loads(lock_of(project))
    old = lock["files"]["package.py"]
    lock["files"]["old.py"] = old
    lock["files"]["older.py"] = old
    (project / "byocgen.lock").write_text(json.dumps(lock), "utf-8")
    (project / "old.py").write_bytes((project / "package.py").read_bytes())
    (project / "older.py").write_text("# edited\n", "utf-8")
    shown = run("check")
    assert (shown.code, shown.err) == (
        1,
        "delete   old.py\norphan   older.py\nupdate   byocgen.lock\n"
        "error: older.py is no longer generated and was edited; delete it or keep it as yours\n"
        "error: the project is not what its manifest says; mend it with: byocgen diff | git apply\n",
    )


def test_without_a_lock_it_is_written_again(run: Callable[..., Shown], project: Path) -> None:
    text = lock_of(project)
    (project / "byocgen.lock").unlink()
    shown = run("check")
    assert (shown.code, shown.err.splitlines()[0]) == (1, "create   byocgen.lock")
    subprocess.run(["git", "apply"], input=shown.out.encode(), check=True, cwd=project)
    assert lock_of(project) == text


def test_bytes_that_are_no_text_are_shown(project: Path) -> None:
    (project / "Makefile").write_bytes("größe\n".encode("latin-1"))
    done = byocgen_process("diff")
    assert done.returncode == 0
    assert "-größe\n".encode("latin-1") in done.stdout
    assert "-gr\\udcf6\\udcdfe\\n" in byocgen_process("diff", "--json").stdout.decode()


BROKEN: dict[str, tuple[str, str]] = {
    "a folder in a file's place": (
        "Makefile",
        "error: Makefile is a link or a folder\n  = help: byocgen writes a plain file there: move yours away\n",
    ),
    "a damaged lock": (
        "byocgen.lock",
        "error: byocgen.lock cannot be read\n"
        "  = help: take it from git again (git checkout -- byocgen.lock); in a merge, take either side\n",
    ),
    "no manifest": (
        "byocgen.yaml",
        "error: there is no manifest at byocgen.yaml\n"
        "  = help: run this in a generated project, or make one: byocgen new NAME (looked for byocgen.yaml)\n",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("command", ["check", "diff"])
def test_a_project_that_cannot_be_read(run: Callable[..., Shown], project: Path, case: str, command: str) -> None:
    name, expected = BROKEN[case]
    (project / name).unlink()
    if case == "a folder in a file's place":
        (project / name).mkdir()
    if case == "a damaged lock":
        (project / name).write_text("<<<<<<< HEAD\n", "utf-8")
    assert run(command) == Shown(2, "", expected)


def test_a_bad_manifest(run: Callable[..., Shown], project: Path) -> None:
    (project / "byocgen.yaml").write_text(MINIMAL + "colour: red\n", "utf-8")
    shown = [run(command) for command in ("check", "diff", "explain")]
    assert {(one.code, one.out, one.err.splitlines()[0]) for one in shown} == {
        (1, "", 'error[BYO202]: there is no field "colour"')
    }


@pytest.mark.usefixtures("project")
def test_explain(run: Callable[..., Shown]) -> None:
    rows = present.explain_data(generated(MINIMAL).plan)
    assert run("explain", "--json") == Shown(
        0, present.json.dumps({"decisions": rows, "diagnostics": []}, indent=2, ensure_ascii=False) + "\n"
    )
    shown = run("explain", "serving.workers")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[2].split()[:2] == ["serving.workers", "4"]
    assert list(json.loads(run("explain", "names", "--json").out)["decisions"]) == [
        "names.endpoint",
        "names.repository",
        "names.bucket_prefix",
        "names.role",
    ]


@pytest.mark.usefixtures("project")
def test_explain_of_nothing(run: Callable[..., Shown]) -> None:
    assert run("explain", "serving.worker") == Shown(
        2, "", 'error: there is no decision "serving.worker"\n  = help: did you mean "serving.workers"?\n'
    )


def test_another_folder(run: Callable[..., Shown], project: Path) -> None:
    os.chdir("/")
    assert run("check", "-C", str(project)) == SAME
    assert run("check", "--project", str(project / "serving")).code == 2


# ---- as a process


def process(*command: str) -> list[str]:
    """Return a command that runs byocgen as this test does."""
    return [sys.executable, "-m", "byocgen", *command]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(byocgen.__file__).parents[1])}


def byocgen_process(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run byocgen in a process of its own."""
    return subprocess.run(process(*arguments), env=ENVIRONMENT, capture_output=True, check=False)


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from byocgen import cli; code = cli.run(['--help'])\n"
        "heavy = ('boto3', 'cookiecutter', 'hcl2', 'jinja2', 'pydantic', 'rich', 'yaml', 'json', 'byocgen.manifest')\n"
        "sys.stderr.write(f'{code} {[name for name in heavy if name in sys.modules]}')"
    )
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stderr == "0 []"


def test_a_reader_that_went_away() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(process("schema"), env=ENVIRONMENT, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_output_is_utf_8_in_any_locale(folder: Path) -> None:
    (folder / "m.yaml").write_text(MINIMAL + "description: größe\ncolour: größe\n", "utf-8")
    done = subprocess.run(
        process("new", "--manifest", "m.yaml"),
        env={**ENVIRONMENT, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert "5 | colour: größe\n".encode() in done.stderr


class Terminal:
    """byocgen on a pseudo terminal, its stdout apart."""

    def __init__(self, *arguments: str) -> None:
        self.control, far = pty.openpty()
        self.process = subprocess.Popen(
            process(*arguments), env=ENVIRONMENT, stdin=far, stderr=far, stdout=subprocess.PIPE, start_new_session=True
        )
        os.close(far)
        self.seen = b""

    def wait_for(self, text: bytes) -> None:
        """Read until a text was shown; the end of the output is an error."""
        while text not in self.seen:
            self.seen += os.read(self.control, 1000)

    def end(self) -> tuple[int, bytes]:
        """Wait for the process; return its code and its stdout."""
        out, _ = self.process.communicate(timeout=60)
        os.close(self.control)
        return self.process.returncode, out


def test_the_framework_is_asked_for_on_a_terminal(folder: Path) -> None:
    terminal = Terminal("new", "churn", "--dry-run", "--json")
    terminal.wait_for(b"Framework (sklearn): ")
    os.write(terminal.control, b"\n")
    terminal.wait_for(b"Framework (sklearn): \r\nFramework (sklearn): ")
    os.write(terminal.control, b" sklearn\n")
    code, out = terminal.end()
    assert code == 0
    assert json.loads(out)["project"] == "churn"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("how", ["Ctrl-C", "end of input"])
def test_a_prompt_that_is_left(folder: Path, how: str) -> None:
    terminal = Terminal("new", "churn")
    terminal.wait_for(b"Framework (sklearn): ")
    if how == "Ctrl-C":
        terminal.process.send_signal(signal.SIGINT)
    else:
        os.write(terminal.control, b"\x04")
    assert terminal.end() == (130, b"")
    assert list(folder.iterdir()) == []


def test_yes_never_asks() -> None:
    terminal = Terminal("new", "churn", "--yes")
    terminal.wait_for(b"error: --framework is missing")
    assert terminal.end() == (2, b"")
