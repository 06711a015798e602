"""From products of the price list to rows of prices: what an endpoint or a transform job is paid for, on demand.

Rules: pure. A usage type says what a product is: `USE1-Host:ml.m5.xlarge` (real time), `EU-AsyncInf:ml.m5.xlarge`
(asynchronous), `APN1-Tsform:ml.m5.xlarge` (transform jobs), `USE2-ServerlessInf:Mem-4GB`. Everything else is left out:
training, processing, notebooks, clusters, warm pools, provisioned concurrency, parts of the free tier, and prices in another
currency. Reserved capacity and savings plans are no on-demand terms.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]
_INSTANCE = re.compile(r"(?:[A-Z0-9]+-)?(Host|AsyncInf|Tsform):(ml\.[a-z0-9-]+\.[a-z0-9]+)")
_SERVERLESS = re.compile(r"(?:[A-Z0-9]+-)?ServerlessInf:Mem-([1-6])GB")
_USES = {"Host": "hosting", "AsyncInf": "async", "Tsform": "batch"}
ON_DEMAND = ("OnDemand", "")


def rows(products: Iterable[str], region: str) -> dict[str, list[Row]]:
    """Sort out the products of a region, each one JSON text of GetProducts.

    Returns:
        `hourly` and `serverless`, as a price file has them. Of several prices for one thing the highest is kept, so that no
        estimate promises less than the bill will be.

    Raises:
        ValueError: a product is not what the API documents.
    """
    found: dict[tuple[str, ...], Row] = {}
    for text in products:
        for key, row in _priced(text, region):
            known = found.get(key)
            if known is None or Decimal(row[_amount(row)]) > Decimal(known[_amount(known)]):
                found[key] = row
    ordered = [found[key] for key in sorted(found)]
    return {
        "hourly": [row for row in ordered if "type" in row],
        "serverless": [row for row in ordered if "memory_mib" in row],
    }


def _amount(row: Row) -> str:
    return "usd_per_hour" if "type" in row else "usd_per_second"


def _priced(text: str, region: str) -> Iterator[tuple[tuple[str, ...], Row]]:
    try:
        listed = json.loads(text)
        attributes = listed["product"]["attributes"]
        usage, day = attributes["usagetype"], listed["publicationDate"][:10]
        if attributes.get("regionCode", region) != region or attributes.get("marketoption", "") not in ON_DEMAND:
            return
        stated = {"as_of": day, "source": "AWS price list"}
        instance, serverless = _INSTANCE.fullmatch(usage), _SERVERLESS.fullmatch(usage)
        if instance and (price := _price(listed, "hrs")):
            use = _USES[instance[1]]
            yield (
                (instance[2], use),
                {"region": region, "type": instance[2], "use": use, "usd_per_hour": price, **stated},
            )
        if serverless and (price := _price(listed, "second")):
            memory = int(serverless[1]) * 1024
            yield (str(memory),), {"region": region, "memory_mib": memory, "usd_per_second": price, **stated}
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError(f"a product without {error}") from error


def _price(listed: dict[str, Any], unit: str) -> str:
    """The price of the first unit on demand, empty where there is none in dollars or it is free."""
    for term in listed["terms"].get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            usd = dimension["pricePerUnit"].get("USD")
            begins = Decimal(dimension.get("beginRange", "0"))
            if usd is not None and begins == 0 and Decimal(usd) > 0 and dimension["unit"].lower().startswith(unit):
                return _plain(Decimal(usd))
    return ""


def _plain(usd: Decimal) -> str:
    """Write `0.2300000000` as `0.23`, never with an exponent."""
    return f"{usd.normalize():f}"
