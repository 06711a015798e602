"""Addresses, variables and outputs are public API: what a release has is there, or moved, in every later one."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from derive import promises, released, surface

MOVE = "moved {{\n  from = {}\n  to   = {}\n}}\n"
STACK = {
    "main.tf": """\
module "s3" {
  source = "./modules/s3"
  name   = var.name
}

resource "aws_kms_key" "this" {
  count = 1
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each   = toset(["errors"])
  alarm_name = "${var.prefix}${each.key}"
}
""",
    "variables.tf": """\
variable "name" {
  type = string
}

variable "prefix" {
  type    = string
  default = ""
}
""",
    "outputs.tf": 'output "bucket" {\n  value = module.s3.arn\n}\n',
    "modules/s3/main.tf": 'resource "aws_s3_bucket" "this" {\n  bucket = var.name\n}\n',
    "modules/s3/variables.tf": 'variable "name" {\n  type = string\n}\n',
    "modules/s3/outputs.tf": 'output "arn" {\n  value = aws_s3_bucket.this.arn\n}\n',
}

Broken = Callable[..., list[str]]


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    """`broken(files, *replacements, **more)`: promises of STACK, or of `was`, that a changed copy of it breaks."""

    def ask(*replacements: tuple[str, str, str], moved: str = "", was: Mapping[str, str] = STACK) -> list[str]:
        files = dict(was)
        for name, old, new in replacements:
            assert old in files[name]
            files[name] = files[name].replace(old, new)
        before = surface.from_data(json.loads(json.dumps(surface.to_data(surface.read(write(was, tmp_path / "was"))))))
        today = surface.read(write({**files, "moved.tf": moved + files.get("moved.tf", "")}, tmp_path / "today"))
        return promises.broken(before, today)

    return ask


def write(files: Mapping[str, str], folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_examples_keep_what_the_last_release_promised() -> None:
    assert released.problems(released.record(), released.stacks()) == []


def test_the_record_has_every_example_s_surface() -> None:
    for name, recorded in released.record().items():
        found = {address.partition(".")[2].partition(".")[2] for address in recorded["addresses"]}
        assert {"aws_kms_key.this", "module.s3", "module.s3.aws_s3_bucket.this"} <= found, name
        assert {"kms", "tags"} <= set(recorded["variables"]), name
        assert {"bucket", "regions"} <= set(recorded["outputs"]), name


def renamed_in_an_example(folder: Path, moved: str) -> list[str]:
    """What the record says of the example with another name for its key, and with that `moved.tf`."""
    stack = shutil.copytree(released.stacks()["churn-sklearn"], folder / "terraform")
    for path in (stack / "modules" / "region").glob("*.tf"):
        text = path.read_text("utf-8").replace("aws_kms_key.this", "aws_kms_key.stack")
        path.write_text(text.replace('"aws_kms_key" "this"', '"aws_kms_key" "stack"'), "utf-8")
    (stack / "moved.tf").write_text(moved, "utf-8")
    return released.problems(released.record(), {**released.stacks(), "churn-sklearn": stack})


def test_a_renamed_resource_of_an_example_without_a_moved_block_fails_and_says_what_to_add(tmp_path: Path) -> None:
    assert renamed_in_an_example(tmp_path, "") == [
        """\
churn-sklearn: module.euw1.aws_kms_key.this is gone, and Terraform would destroy it; where it only has another name, add to \
templates/terraform/base/modules/region/moved.tf:
  moved {
    from = aws_kms_key.this
    to   = aws_kms_key.stack
  }"""
    ]


def test_and_with_that_block_it_passes(tmp_path: Path) -> None:
    assert (
        renamed_in_an_example(tmp_path, MOVE.format("module.euw1.aws_kms_key.this", "module.euw1.aws_kms_key.stack"))
        == []
    )


def test_an_example_that_is_gone_takes_its_promises_along() -> None:
    assert released.problems({"gone": {}}, {}) == ["gone: the example is gone; keep it"]


KEY = ("main.tf", '"aws_kms_key" "this"', '"aws_kms_key" "third"')
CALL = ("main.tf", 'module "s3"', 'module "store"')
ARN = ("outputs.tf", "module.s3", "module.store")
BUCKET = ("modules/s3/main.tf", '"aws_s3_bucket" "this"', '"aws_s3_bucket" "models"')
INSIDE = ("modules/s3/outputs.tf", "aws_s3_bucket.this", "aws_s3_bucket.models")


def test_nothing_changed_breaks_nothing(broken: Broken) -> None:
    assert broken() == []


def test_new_ones_are_fine(broken: Broken) -> None:
    more = 'resource "aws_kms_key" "other" {}\n\nvariable "new" {\n  type = string\n}\n\noutput "new" {\n  value = 1\n}\n\n'
    assert broken(("main.tf", 'module "s3"', f'{more}module "s3"')) == []


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ([KEY], [("aws_kms_key.this", "aws_kms_key.second"), ("aws_kms_key.second", "aws_kms_key.third")]),
        ([CALL, ARN], [("module.s3", "module.store")]),
        ([BUCKET, INSIDE], [("module.s3.aws_s3_bucket.this", "module.s3.aws_s3_bucket.models")]),
        (
            [CALL, ARN, BUCKET, INSIDE],
            [("module.store.aws_s3_bucket.this", "module.store.aws_s3_bucket.models"), ("module.s3", "module.store")],
        ),
        ([KEY], [("aws_kms_key.this[0]", "aws_kms_key.third[0]")]),
    ],
    ids=["a chain", "a module", "in a module, told by the root", "a module and what is in it", "one instance"],
)
def test_moves_are_followed(broken: Broken, changes: list[tuple[str, str, str]], moved: list[tuple[str, str]]) -> None:
    assert broken(*changes)
    assert broken(*changes, moved="".join(MOVE.format(*one) for one in moved)) == []


def test_a_block_in_a_module_speaks_of_that_module(broken: Broken) -> None:
    bucket, move = BUCKET[2], MOVE.format("aws_s3_bucket.this", "aws_s3_bucket.models")
    assert broken((BUCKET[0], BUCKET[1], bucket), INSIDE) != []
    assert broken((BUCKET[0], f"resource {BUCKET[1]}", f"{move}\nresource {bucket}"), INSIDE) == []


def test_a_chain_that_ends_nowhere_is_no_way(broken: Broken) -> None:
    circle = MOVE.format("aws_kms_key.this", "aws_kms_key.b") + MOVE.format("aws_kms_key.b", "aws_kms_key.this")
    [said] = broken(KEY, moved=circle)
    assert said.startswith("aws_kms_key.this is gone")


def test_a_lost_module_is_told_once_with_its_output(broken: Broken) -> None:
    resource, output = broken(CALL, ARN)
    assert resource.startswith("module.s3 is gone, and Terraform would destroy it")
    assert "from = module.s3\n    to   = module.store\n" in resource
    assert output == "output module.s3.arn is gone, and whatever reads it would fail; keep it"


def test_a_resource_that_is_let_go_is_not_destroyed(broken: Broken) -> None:
    kept = "removed {{\n  from = aws_kms_key.this\n\n  lifecycle {{\n    destroy = {}\n  }}\n}}\n"
    assert broken(KEY, moved=kept.format("false")) == []
    assert broken(KEY, moved=kept.format("true")) != []


def test_a_release_that_is_skipped_moves_too(broken: Broken) -> None:
    was = {**STACK, "moved.tf": MOVE.format("aws_kms_key.first", "aws_kms_key.this")}
    assert broken(was=was) == []
    [said] = broken(("moved.tf", was["moved.tf"], ""), was=was)
    assert said.startswith("aws_kms_key.first is gone")


def test_instances_with_other_keys_are_others(broken: Broken) -> None:
    each = ("main.tf", "count = 1", 'for_each = toset(["a"])')
    assert broken(each) == [
        """\
aws_kms_key.this was made by count and is by for_each, and Terraform would make it anew; add to \
templates/terraform/base/moved.tf:
  moved {
    from = aws_kms_key.this[OLD KEY]
    to   = aws_kms_key.this[NEW KEY]
  }"""
    ]
    assert broken(each, moved=MOVE.format("aws_kms_key.this[0]", 'aws_kms_key.this["a"]')) == []
    assert broken(("main.tf", "  count = 1\n", "")) == []  # Terraform itself takes [0] for the one, and back


PREFIX = ("variables.tf", 'variable "prefix"', 'variable "start"')
READ = ("main.tf", "${var.prefix}", "${var.start}")
ALIAS = 'variable "prefix" {\n  type    = string\n  default = null\n}\n'


def test_a_variable_that_is_gone_says_how_to_keep_it(broken: Broken) -> None:
    assert broken(PREFIX, READ) == [
        """\
variable prefix is gone, and a value that a person sets for it would be ignored; keep it beside the new one, and read both:
  variable "prefix" {
    description = "Former name of THE NEW NAME"
    type        = string
    default     = null
  }
  ... coalesce(var.prefix, var.THE_NEW_NAME)"""
    ]


def test_an_alias_is_one_when_it_is_read(broken: Broken) -> None:
    assert broken(PREFIX, READ, moved=ALIAS) == [
        "variable prefix is read by nothing, so a value for it would be ignored: read var.prefix"
    ]
    assert broken(PREFIX, ("main.tf", "${var.prefix}", "${coalesce(var.prefix, var.start)}"), moved=ALIAS) == []


def test_a_variable_keeps_its_type_and_its_default(broken: Broken) -> None:
    assert broken(("variables.tf", "    = string", "    = number")) == [
        "variable prefix was string and is number: keep its type, or add a variable of another name"
    ]
    assert broken(("variables.tf", '  default = ""\n', "")) == [
        "variable prefix could be left out and no longer can: give it a default"
    ]
    assert broken(("variables.tf", "  type = string\n", '  type    = string\n  default = "x"\n')) == []


def test_an_output_stays(broken: Broken) -> None:
    assert broken(("outputs.tf", '"bucket"', '"store"')) == [
        "output bucket is gone, and whatever reads it would fail; keep it"
    ]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of its own for `python -m derive.released`, equal to the committed one."""
    path = Path(shutil.copy(released.RECORD, tmp_path))
    monkeypatch.setattr(released, "RECORD", path)
    return path


def test_check_tells_a_broken_promise_and_a_release_does_not_record_over_it(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = json.loads(recorded.read_text("utf-8"))
    data["stacks"]["churn-sklearn"]["outputs"].append("former")
    recorded.write_text(json.dumps(data), "utf-8")
    for arguments in (["released", "--check"], ["released"]):
        monkeypatch.setattr("sys.argv", arguments)
        with pytest.raises(SystemExit) as ended:
            released.main()
        said = "churn-sklearn: output former is gone, and whatever reads it would fail; keep it"
        assert ended.value.code == said
    assert json.loads(recorded.read_text("utf-8")) == data
