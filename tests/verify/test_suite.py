"""The suite as a user meets it: options, selection, reports, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from byocgen import cli
from byocgen.verify import __main__ as program
from byocgen.verify import check_batch, report, suite
from byocgen.verify.asked import Asked, options
from byocgen.verify.limits import Mode
from byocgen.verify.options import Options
from byocgen.verify.process import free_port, is_free
from byocgen.verify.rule import Result, Status

BROKEN = Path(__file__).parent / "broken"
GOOD = f"{sys.executable} {BROKEN / 'reference.py'}"
ILL = f"{sys.executable} {BROKEN / 'fault.py'} UnknownPathIs200"
QUICK = ("--load-seconds", "0.1", "--only", "V101,V325")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that the test stands in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wait_for(port: int) -> None:
    """Wait until something listens."""
    for _ in range(200):
        if not is_free(port):
            return
        time.sleep(0.05)
    pytest.fail("nothing listens")


def result(status: Status, seen: str = "seen") -> Result:
    return Result(suite.checks()[0], status, seen, 1.5)


def test_a_good_server_exits_with_0(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", "--command", GOOD, *QUICK]) == 0
    shown = capsys.readouterr()
    assert "2 checks in" in shown.out
    assert shown.err == ""
    assert list(here.iterdir()) == []


def test_a_broken_one_exits_with_1_and_says_what_to_do(here: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    assert cli.run(["verify", "--command", ILL, *QUICK]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "V325 FAILED" in shown
    assert "fix: Answer 404 for paths that are not served." in shown


def test_json_is_one_document(here: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ARG001
    assert cli.run(["verify", "--command", ILL, *QUICK, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], [(one["code"], one["status"]) for one in found["checks"]]) == (
        False,
        [("V101", "passed"), ("V325", "failed")],
    )


def test_junit_goes_to_a_file_and_the_table_to_stdout(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.run(["verify", "--command", ILL, *QUICK, "--format", "junit", "--output", "report.xml"])
    suites = ET.fromstring((here / "report.xml").read_text("utf-8"))  # noqa: S314 - we wrote it
    assert (code, suites.get("tests"), suites.get("failures")) == (1, "2", "1")
    assert "V325" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "is no generated project"),
        (["--command", "no-such-program"], "no-such-program cannot be run"),
        (["--command", GOOD, "--url", "http://127.0.0.1:1"], "--url and --command name several servers"),
        (["--url", f"http://127.0.0.1:{free_port()}"], "no connection"),
        (["--url", "https://example.org"], "is no http://host:port"),
        (["--command", GOOD, "--only", "V9z"], "there is no check V9Z"),
        (["--command", GOOD, "--mode", "fast"], "--mode fast"),
        (["--command", GOOD, "--payload", "none.json"], "none.json cannot be read"),
        (["--command", GOOD, "--model-dir", "none"], "none is no folder"),
        (["--command", GOOD, "--model", "a"], "--model a: it is NAME=VALUE"),
        (["--command", GOOD, "--format", "xml"], "--format xml"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_cannot_be_is_2_and_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", *arguments]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.startswith("error: "), said in shown.err) == ("", True, True), shown.err


def test_a_url_is_asked_and_nothing_more(here: Path) -> None:
    (here / "payload.json").write_text('{"instances": [[1, 2]]}', "utf-8")
    port = free_port()
    with subprocess.Popen(
        [*GOOD.split(), "serve"],
        env={"SAGEMAKER_BIND_TO_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            asked = Asked(url=f"http://127.0.0.1:{port}", load_seconds=0.1)
            wait_for(port)
            found = suite.run_all(options(asked))
            assert process.poll() is None
        finally:
            process.kill()
    statuses = {one.rule.code: one.status for one in found}
    assert Status.FAILED not in statuses.values()
    assert (statuses["V301"], statuses["V501"]) == (Status.PASSED, Status.SKIPPED)


def test_codes_choose_by_their_beginning() -> None:
    chosen = suite.checks(Options(command=("x",), only=frozenset({"V2XX", "V301"}), skip=frozenset({"V201"})))
    assert [rule.code for rule in chosen] == ["V202", "V203", "V204", "V205", "V301"]


def test_a_check_without_what_it_needs_says_so(here: Path) -> None:  # noqa: ARG001
    found = suite.run_all(options(Asked(command=GOOD, only=("V203", "V301", "V702", "V801", "V901"))))
    assert {one.status for one in found} == {Status.SKIPPED}
    assert all(one.seen for one in found)


def test_the_list_shows_every_rule_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["verify", "--list"]) == 0
    listed = capsys.readouterr().out
    assert [rule.code for rule in suite.checks() if rule.code not in listed] == []
    assert all(rule.source.url.startswith("https://") and rule.fix for rule in suite.checks())


def test_the_project_s_own_program_has_the_same_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--list"]) == 0
    assert capsys.readouterr().out == report.listing(suite.checks())
    assert program.main(["--url", "ftp://x"]) == 2


def test_reports_bear_any_text() -> None:
    nasty = "[bold]x[/] \x1b[31m\x00 <&> ]]> \ud800 \n second"
    results = [result(status, nasty) for status in Status]
    assert "\x1b" not in report.table(results)
    assert len(ET.fromstring(report.junit(results))) == 4  # noqa: S314 - we wrote it
    assert json.loads(report.document(results, "json"))["passed"] is False


def test_warnings_break_nothing() -> None:
    assert [report.exit_code([result(status)]) for status in Status] == [0, 1, 0, 0]


def test_limits_follow_the_mode() -> None:
    found = {mode: (Options(mode=mode).start_seconds, Options(mode=mode).payload_bytes) for mode in Mode}
    assert found == {
        Mode.REALTIME: (240, 6_291_456),
        Mode.SERVERLESS: (180, 4_194_304),
        Mode.ASYNC: (240, 1_073_741_824),
        Mode.BATCH: (240, 6_291_456),
        Mode.MULTI_MODEL: (240, 6_291_456),
    }


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"[0.9729547, 1]", b"[0.97295475, 1]", True),
        (b'{"label": "a", "score": 1e-7}', b'{"label": "a", "score": 2e-7}', True),
        (b"[0.97, 1]", b"[0.98, 1]", False),
        (b'{"label": "a"}', b'{"label": "b"}', False),
        (b"[1, 2]", b"[1, 2, 3]", False),
    ],
)
def test_records_are_alike_but_for_the_last_digits(one: bytes, other: bytes, same: bool) -> None:  # noqa: FBT001
    assert check_batch.alike(one, other) is same
