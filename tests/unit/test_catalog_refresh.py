"""`byocgen catalog refresh`: AWS's price list, asked over HTTP through boto3, into a file that the plan follows."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.examples import MINIMAL
from tests.unit.price_list import PriceList, product, served
from tests.unit.shown import Shown, on_disk

from byocgen.catalog import Prices
from byocgen.pricelist import file, products

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LISTED: list[Any] = [
    product("USE1-Host:ml.m5.xlarge", "0.25", component="Hosting", instanceName="ml.m5.xlarge"),
    product("USE1-Host:ml.m5.large", "0.125"),
    product("USE1-AsyncInf:ml.m5.xlarge", "0.26"),
    product("USE1-Tsform:ml.m5.xlarge", "0.27"),
    product("USE1-Train:ml.m5.xlarge", "0.28"),
    product("USE1-Processing:ml.m5.xlarge", "0.28"),
    product("USE1-Notebk:ml.m5.xlarge", "0.28"),
    product("USE1-AsyncInf:ml.m.xlarge-AsyncInfParent", "0.28"),
    product("USE1-Host:ml.m5.2xlarge", "0.00"),
    product("USE1-Host:ml.m5.4xlarge", "9", marketoption="Reserved"),
    product("USE1-ServerlessInf:Mem-3GB", "0.00006", unit="seconds"),
    product("USE1-ServerlessInf:ProvConc-Mem-3GB", "0.00002", unit="seconds"),
    product("EUW1-Host:ml.m5.xlarge", "0.257", region="eu-west-1"),
]
FILE = """\
{
  "source": "AWS price list, AmazonSageMaker, on demand; written by byocgen catalog refresh",
  "derived": "2026-09-28",
  "complete": ["us-east-1"],
  "hourly": [
    {"region": "us-east-1", "type": "ml.m5.large", "use": "hosting", "usd_per_hour": "0.125", "as_of": "2026-09-28", "source": "AWS price list"},
    {"region": "us-east-1", "type": "ml.m5.xlarge", "use": "async", "usd_per_hour": "0.26", "as_of": "2026-09-28", "source": "AWS price list"},
    {"region": "us-east-1", "type": "ml.m5.xlarge", "use": "batch", "usd_per_hour": "0.27", "as_of": "2026-09-28", "source": "AWS price list"},
    {"region": "us-east-1", "type": "ml.m5.xlarge", "use": "hosting", "usd_per_hour": "0.25", "as_of": "2026-09-28", "source": "AWS price list"}
  ],
  "serverless": [
    {"region": "us-east-1", "memory_mib": 3072, "usd_per_second": "0.00006", "as_of": "2026-09-28", "source": "AWS price list"}
  ]
}
"""  # noqa: E501 - the file's own lines


@pytest.fixture(name="aws")
def _aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PriceList]:
    """A price list that boto3 finds, with credentials of nobody."""
    with served(list(LISTED)) as listed:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", listed.url)
        yield listed


def test_the_prices_of_a_projects_regions(run: Callable[..., Shown], project: Path, aws: PriceList) -> None:
    assert run("catalog", "refresh") == Shown(
        0,
        "",
        "byocgen.prices.json has 5 prices in us-east-1, as of 2026-09-28\n"
        "  commit it; byocgen explain cost shows the estimate, byocgen sync follows it\n",
    )
    assert (project / "byocgen.prices.json").read_text() == FILE
    asked = [{one["Field"]: one["Value"] for one in request["Filters"]} for request in aws.asked]
    assert {(one["regionCode"], one["productFamily"]) for one in asked} == {
        ("us-east-1", "ML Instance"),
        ("us-east-1", "ML Serverless"),
    }
    assert len(aws.asked) > len({str(request["Filters"]) for request in aws.asked}), "several pages were read"


def test_the_plan_follows_the_file_and_nothing_else(run: Callable[..., Shown], project: Path, aws: PriceList) -> None:
    before = json.loads(run("explain", "cost", "--json").out)["decisions"]["cost.usd_per_month_least"]
    run("catalog", "refresh")
    aws.products.clear()
    after = json.loads(run("explain", "cost", "--json").out)["decisions"]["cost.usd_per_month_least"]
    assert (before["value"], after["value"]) == ("167.90", "182.50")
    assert after["facts"] == [
        {"text": "ml.m5.xlarge costs $0.25 an hour in us-east-1, as of 2026-09-28", "source": "AWS price list"}
    ]
    assert run("check").code == 1
    assert run("sync").code == 0
    assert "costs $182.50 a month" in (project / "README.md").read_text()
    assert run("check").code == 0
    assert (project / "byocgen.prices.json").read_text() == FILE


def test_again_without_a_change(run: Callable[..., Shown], project: Path, aws: PriceList) -> None:
    assert aws.url
    run("catalog", "refresh")
    seen = on_disk(project)
    assert run("catalog", "refresh").err == (
        "byocgen.prices.json is up to date: 5 prices in us-east-1, as of 2026-09-28\n"
    )
    assert on_disk(project) == seen


def test_another_region_leaves_the_first_alone(run: Callable[..., Shown], project: Path, aws: PriceList) -> None:
    assert aws.url
    run("catalog", "refresh")
    run("catalog", "refresh", "--region", "eu-west-1")
    prices = Prices.read(file.parse((project / "byocgen.prices.json").read_bytes()))
    assert prices.complete == {"us-east-1", "eu-west-1"}
    first, second = prices.hourly("us-east-1", "ml.m5.large"), prices.hourly("eu-west-1", "ml.m5.xlarge")
    assert first is not None
    assert second is not None
    assert (first.usd, second.usd) == (Decimal("0.125"), Decimal("0.257"))


def test_a_dry_run_shows_the_change_and_writes_nothing(
    run: Callable[..., Shown], project: Path, aws: PriceList
) -> None:
    assert aws.url
    before = on_disk(project)
    shown = run("catalog", "refresh", "--dry-run")
    assert (shown.code, shown.err, shown.out.splitlines()[1]) == (0, "", "+++ b/byocgen.prices.json")
    assert on_disk(project) == before


def test_outside_a_project_as_json(run: Callable[..., Shown], folder: Path, aws: PriceList) -> None:
    assert aws.url
    shown = run("catalog", "refresh", "--region", "us-east-1", "--output", "prices.json", "--json")
    data = json.loads(shown.out)
    assert (data["file"], data["as_of"], data["prices"]) == ("prices.json", "2026-09-28", {"us-east-1": 5})
    assert [(one["action"], one["path"]) for one in data["actions"]] == [("create", "prices.json")]
    assert (folder / "prices.json").read_text() == FILE


def test_a_project_made_from_a_manifest_takes_its_prices_along(
    run: Callable[..., Shown], folder: Path, aws: PriceList
) -> None:
    assert aws.url
    (folder / "byocgen.yaml").write_text(MINIMAL)
    run("catalog", "refresh")
    assert run("new", "made", "--manifest", "byocgen.yaml").code == 0
    assert (folder / "made" / "byocgen.prices.json").read_text() == FILE
    assert run("check", "-C", "made").code == 0


REFUSALS: dict[str, tuple[str, str]] = {
    "AccessDeniedException": (
        "error: AWS refuses to say its prices: AccessDeniedException: not you\n",
        "  = help: the identity needs the permission pricing:GetProducts\n",
    ),
    "ExpiredTokenException": (
        "error: AWS refuses to say its prices: ExpiredTokenException: not you\n",
        "  = help: the credentials have expired: sign in again\n",
    ),
    "InternalErrorException": (
        "error: AWS refuses to say its prices: InternalErrorException: not you\n",
        "  = help: the price list is asked with GetProducts in us-east-1\n",
    ),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_of_aws(run: Callable[..., Shown], project: Path, aws: PriceList, code: str) -> None:
    aws.refusal = (code, "not you")
    assert run("catalog", "refresh") == Shown(2, "", "".join(REFUSALS[code]))
    assert not (project / "byocgen.prices.json").exists()


@pytest.mark.usefixtures("project", "aws")
def test_no_credentials(run: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert run("catalog", "refresh") == Shown(
        2,
        "",
        "error: there are no AWS credentials to ask for prices with\n"
        "  = help: set AWS_PROFILE or sign in (aws sso login); the identity needs the permission pricing:GetProducts\n",
    )


@pytest.mark.usefixtures("project", "aws")
def test_nobody_answers(run: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", "http://127.0.0.1:9")
    shown = run("catalog", "refresh")
    assert shown.err.splitlines()[1] == "  = help: try again where AWS can be reached"
    assert (shown.code, shown.err.splitlines()[0]) == (
        2,
        'error: the price list of AWS cannot be read: Could not connect to the endpoint URL: "http://127.0.0.1:9/"',
    )


@pytest.mark.usefixtures("project", "aws")
def test_without_boto3(run: Callable[..., Shown], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert run("catalog", "refresh") == Shown(
        2,
        "",
        "error: AWS is asked through boto3, which is not installed\n  = help: pip install 'byocgen[aws]'\n",
    )


MISTAKES: dict[tuple[str, ...], str] = {
    ("--region", "us-east-7"): 'error: SageMaker has no region us-east-7\n  = help: did you mean "us-east-2"?\n',
    ("--region", "cn-north-1"): (
        "error: the prices of cn-north-1 are in a list of its own partition, aws-cn\n"
        "  = help: leave it out: byocgen knows no price there\n"
    ),
    ("--region", "eu-west-2"): (
        "error: the price list of AWS has no hosting price in eu-west-2\n  = help: leave the region out: --region\n"
    ),
    (): (
        "error: there is no manifest at byocgen.yaml\n"
        "  = help: run this in a project, or name what to ask for: --region us-east-1\n"
    ),
}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("options", MISTAKES, ids=" ".join)
def test_what_cannot_be_asked_for(run: Callable[..., Shown], folder: Path, options: tuple[str, ...]) -> None:
    assert run("catalog", "refresh", *options) == Shown(2, "", MISTAKES[options])
    assert list(folder.iterdir()) == []


def test_a_list_of_another_form(run: Callable[..., Shown], folder: Path, aws: PriceList) -> None:
    del aws.products[0]["publicationDate"]
    assert run("catalog", "refresh", "--region", "us-east-1") == Shown(
        2,
        "",
        "error: the price list of AWS is not what this byocgen can read: a product without 'publicationDate'\n"
        "  = help: a newer byocgen may read it\n",
    )
    assert list(folder.iterdir()) == []


def test_of_two_prices_the_higher_counts() -> None:
    several = [product("Host:ml.m5.xlarge", usd) for usd in ("0.2", "0.3", "0.1")]
    rows = products.rows(map(json.dumps, several), "us-east-1")["hourly"]
    assert [row["usd_per_hour"] for row in rows] == ["0.3"]


def test_prices_in_another_currency_are_left_out() -> None:
    text = json.dumps(product("Host:ml.m5.xlarge", "0.2")).replace('"USD"', '"CNY"')
    assert products.rows([text], "us-east-1") == {"hourly": [], "serverless": []}


BROKEN = {
    "no JSON": (b"{", "not in its form"),
    "no prices": (b"[]", "not in its form"),
    "no list of complete regions": (b'{"hourly": [], "serverless": []}', "no 'complete'"),
    "a price of nothing": (FILE.replace('"0.25"', '"0"').encode(), "a price that is no amount of money"),
    "a price that is no number": (FILE.replace('"0.25"', '"free"').encode(), "not in its form"),
    "an endless price": (FILE.replace('"0.25"', '"Infinity"').encode(), "a price that is no amount of money"),
    "no text": (b"\xff", "not in its form"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_is_no_price_file(run: Callable[..., Shown], project: Path, case: str) -> None:
    content, said = BROKEN[case]
    (project / "byocgen.prices.json").write_bytes(content)
    expected = (
        f"error: byocgen.prices.json is no price file: {said}\n"
        "  = help: byocgen catalog refresh writes it: restore it from git, or delete it and refresh\n"
    )
    assert [run(command) for command in ("explain", "check", "sync")] == [Shown(2, "", expected)] * 3
