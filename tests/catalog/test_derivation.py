"""The programs behind the data: the committed files are what they make, and they refuse what they cannot make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from derive import drivers, estimators, instances, locks, outputs, prices, provider, regions
from derive.lock_format import LockError, installs_on, pins, problems, requirement_lines, wheel_lines

if TYPE_CHECKING:
    from pathlib import Path

HASH = "0" * 64


@pytest.mark.parametrize(
    "module", [drivers, estimators, instances, prices, regions], ids=lambda module: module.__name__
)
def test_the_committed_data_are_what_their_sources_say(module: Any) -> None:
    assert outputs.compare(module.derive(outputs.committed_date(module.DATA))) == ""


def test_the_committed_locks_satisfy_what_is_asked_of_them() -> None:
    assert locks.check() == []


def test_the_provider_accepts_what_is_committed(terraform: str) -> None:
    assert terraform
    assert outputs.compare(provider.derive(outputs.committed_date(provider.DATA))) == ""


def test_check_exits_1_with_the_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    committed = tmp_path / "things.json"
    committed.write_text(outputs.rows_document("somewhere", "2026-01-02", things=["a", "b"]))

    def derive(derived: str) -> list[outputs.Output]:
        return [outputs.Output(committed, outputs.rows_document("somewhere", derived, things=["a", "c"]))]

    with pytest.raises(SystemExit) as ended:
        outputs.run(derive, committed, ["--check"])
    assert (ended.value.code, capsys.readouterr().out) == (1, """\
--- things.json (committed)
+++ things.json (derived)
@@ -3,6 +3,6 @@
   "derived": "2026-01-02",
   "things": [
     "a",
-    "b"
+    "c"
   ]
 }
""")  # fmt: skip


def test_without_an_argument_the_file_is_written_with_the_day(tmp_path: Path) -> None:
    target = tmp_path / "new" / "things.json"
    outputs.run(lambda day: [outputs.Output(target, outputs.rows_document("x", day, things=[]))], target, [])
    assert target.read_text() == outputs.rows_document("x", outputs.committed_date(target), things=[])


def test_sizes_are_sorted_as_a_person_does() -> None:
    names = ["ml.m5.24xlarge", "ml.c5.xlarge", "ml.m5.2xlarge", "ml.m5.large", "ml.m5.xlarge", "ml.m5.12xlarge"]
    assert sorted(names, key=instances.sort_key) == [
        "ml.c5.xlarge", "ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.12xlarge", "ml.m5.24xlarge",
    ]  # fmt: skip


def test_a_region_whose_words_are_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="no initials for 'moon'"):
        regions.code("us-moon-1")


def test_a_region_code_that_two_regions_share_is_refused() -> None:
    with pytest.raises(ValueError, match="shared or longer than 6: eusccc1, use1"):
        regions.refuse_bad_codes(["use1", "usw2", "use1", "eusccc1"])


@pytest.mark.parametrize(
    ("wheel", "fits"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-cp312-cp312-manylinux_2_28_x86_64.whl", True),
        ("a-1-cp312-cp312-macosx_11_0_arm64.whl", True),
        ("a-1-cp39-abi3-manylinux2014_aarch64.whl", True),
        ("a-1-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("a-1-cp313-abi3-manylinux2014_aarch64.whl", False),
        ("a-1-cp313-cp313-manylinux_2_28_x86_64.whl", False),
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", False),
        ("a-1-cp312-cp312-win_amd64.whl", False),
        ("a-1-cp312-cp312-manylinux_2_28_s390x.whl", False),
        ("a-1-cp313-cp313t-manylinux_2_28_x86_64.whl", False),
    ],
)
def test_which_wheels_a_lock_for_python_3_12_names(wheel: str, fits: bool) -> None:  # noqa: FBT001 - a table's column
    assert installs_on(wheel, "3.12") is fits


def test_a_package_without_a_wheel_for_one_architecture_cannot_be_locked() -> None:
    wheel = {"name": "a-1-cp312-cp312-manylinux_2_28_x86_64.whl", "hashes": {"sha256": HASH}}
    with pytest.raises(LockError, match=r"a: 1 has no wheel for Python 3\.12 on aarch64"):
        wheel_lines({"name": "a", "version": "1", "wheels": [wheel]}, "3.12")


def test_a_locked_package_is_its_pin_and_its_hashes() -> None:
    bound = "python_full_version < '3.13' and sys_platform == "
    wheel = {"url": "x/a-1-py3-none-any.whl", "hashes": {"sha256": HASH}}
    package = {"name": "a", "version": "1", "marker": f"({bound}'darwin') or ({bound}'linux')", "wheels": [wheel]}
    assert wheel_lines(package, "3.12") == f"a==1 \\\n    --hash=sha256:{HASH}\n"


def test_what_can_be_wrong_with_a_lock() -> None:
    lock = f"# made\nb==2 \\\n    --hash=sha256:{HASH}\nc==3 \\\n"
    wanted = requirement_lines("# why\na\nB>=3\nc<4\n")
    assert problems(lock, wanted) == ["c has no hash", "a is not locked", "B is locked at 2, wanted >=3"]


def test_a_lock_with_a_foreign_line_is_refused() -> None:
    with pytest.raises(LockError, match="neither a pin nor a hash: --index-url somewhere"):
        pins("# made\n--index-url somewhere\n")
