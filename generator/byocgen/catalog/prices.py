"""On-demand prices of SageMaker hosting, by region and instance type.

Rules: a price is what a named source states on a named day, never one that was computed from another. What is not here
is unknown, which is None. The table of a region is complete where AWS's own price list was read whole: only there does
a type without a price mean that the region lacks the type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from byocgen.catalog.facts import Price

Use = Literal["hosting", "async", "batch"]
"""What an instance is paid for, as the price list tells apart: real-time and multi-model, asynchronous, transform jobs."""
HourlyKey = tuple[str, str, Use]
SecondKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Prices:
    """``by_hour`` is keyed by region, type and use; ``by_second`` by region and MiB of a serverless endpoint."""

    by_hour: Mapping[HourlyKey, Price]
    by_second: Mapping[SecondKey, Price]
    complete: frozenset[str]

    @staticmethod
    def read(document: Mapping[str, Any]) -> "Prices":
        """Read the document of a price file; ``derive.prices`` and ``byocgen catalog refresh`` write one alike."""
        hourly: dict[HourlyKey, Price] = {
            (row["region"], row["type"], row["use"]): _price(row, "usd_per_hour") for row in document["hourly"]
        }
        by_second = {
            (row["region"], row["memory_mib"]): _price(row, "usd_per_second") for row in document["serverless"]
        }
        return Prices(hourly, by_second, frozenset(document["complete"]))

    def updated(self, own: "Prices") -> "Prices":
        """Take the prices of `own`; of a region that it has whole, nothing else is kept."""
        return Prices(
            {**{key: price for key, price in self.by_hour.items() if key[0] not in own.complete}, **own.by_hour},
            {**{key: price for key, price in self.by_second.items() if key[0] not in own.complete}, **own.by_second},
            self.complete | own.complete,
        )

    def hourly(self, region: str, instance_type: str, use: Use = "hosting") -> Price | None:
        """What one instance costs an hour; None where no source says."""
        return self.by_hour.get((region, instance_type, use))

    def serverless_second(self, region: str, memory_mib: int) -> Price | None:
        """What a second of one serverless invocation costs; None where no source says."""
        return self.by_second.get((region, memory_mib))

    def lacks_serverless(self, region: str) -> bool:
        """Tell whether the region is known to have no serverless endpoints: its list is complete and prices none."""
        return region in self.complete and not any(key[0] == region for key in self.by_second)

    def lacks(self, region: str, instance_type: str, use: Use = "hosting") -> bool:
        """Tell whether the region is known not to offer the type: its list is complete and the type is not in it."""
        return region in self.complete and self.hourly(region, instance_type, use) is None


def _price(row: Mapping[str, Any], amount: str) -> Price:
    return Price(Decimal(row[amount]), row["source"], row["as_of"])
