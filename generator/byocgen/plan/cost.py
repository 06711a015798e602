"""What the endpoint costs a month, from on-demand prices that a source states; what no source states is unknown.

Rules: compute alone; storage, data, logs and keys come on top. A month has 730 hours, as in AWS's own calculator. Amounts
are exact decimals, rounded once, when they are written.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic, warning
from byocgen.manifest.endpoint import Serverless
from byocgen.plan import machines
from byocgen.plan.decision import Decision, Fact, counted
from byocgen.plan.plan import CostPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.catalog import Catalog, Instance, Price
    from byocgen.catalog.prices import Use
    from byocgen.manifest.endpoint import Endpoint
    from byocgen.manifest.kinds import Mode
    from byocgen.manifest.model import Manifest

HOURS = 730
MILLION = 1_000_000
UNKNOWN = "unknown"
"""Written where no source states a price; an amount that does not apply is None."""
NOTHING = "0.00"
REFRESH = "`byocgen catalog refresh` asks AWS"
ON_TOP = "compute alone: storage, data and logs come on top"
PRICES = "catalogue: prices.json"
PRICING = "https://aws.amazon.com/sagemaker/ai/pricing/"
USES: dict[Mode, Use] = {"async": "async", "batch": "batch"}
"""What the price list calls the modes; the others are hosting."""


@dataclass(frozen=True, slots=True)
class Billed:
    """Instances of one type that run in one region all the time."""

    region: str
    instance_type: str
    count: int
    price: Price

    @property
    def month(self) -> Decimal:
        """US dollars."""
        return self.count * HOURS * self.price.usd


def decide(manifest: Manifest, catalog: Catalog, instance: Instance) -> CostPlan:
    """Estimate what the instances, or serverless containers like `instance`, cost."""
    instance_type = instance.name
    if manifest.endpoint.mode == "serverless":
        return _serverless(manifest, catalog, instance.memory_mib)
    if manifest.endpoint.mode == "batch":
        return _batch(manifest, catalog, instance_type)
    fewest, most = _limits(manifest.endpoint)
    return CostPlan(
        usd_per_hour=_per_hour(manifest, catalog, instance_type),
        usd_per_month_least=_month(manifest, catalog, instance_type, fewest),
        usd_per_month_most=_month(manifest, catalog, instance_type, most),
        usd_saved_per_quiet_hour=_quiet(manifest, catalog, instance_type, fewest, most),
        usd_per_million_invocations=_none("instances are paid by the hour, however often they are called"),
    )


def _limits(endpoint: Endpoint) -> tuple[int, int]:
    """The fewest and the most instances, at the times of a schedule too."""
    scaling = endpoint.autoscaling
    if scaling is None:
        return endpoint.instance_count, endpoint.instance_count
    fewest = [scaling.min, *(one.min for one in scaling.schedule if one.min is not None)]
    return min(fewest), max([*fewest, scaling.max, *(one.max for one in scaling.schedule if one.max is not None)])


def check(manifest: Manifest, cost: CostPlan) -> list[Diagnostic]:
    """Find a budget that the endpoint is sure to exceed."""
    budget, least = manifest.cost.monthly_budget_usd, cost.usd_per_month_least.value
    if budget is None or least is None or least == UNKNOWN or Decimal(str(budget)) >= Decimal(least):
        return []
    message = f"the endpoint costs ${least} a month or more, and the budget is ${_amount(Decimal(str(budget)))}"
    hint = "raise it, or choose a smaller instance type, fewer instances, or a mode that scales to zero"
    return [warning("BYO356", message, ("cost", "monthly_budget_usd"), hint)]


def _per_hour(manifest: Manifest, catalog: Catalog, instance_type: str) -> Decision[str | None]:
    region, use = manifest.regions[0], USES.get(manifest.endpoint.mode, "hosting")
    price = catalog.prices.hourly(region, instance_type, use)
    because = ("stack.instance_type", "stack.region", "stack.mode")
    if price is None:
        return Decision(UNKNOWN, _unknown(catalog, region, instance_type, use), PRICES, because)
    reason = f"one {instance_type} on demand in {region}, as of {price.as_of}"
    return Decision(_rate(price.usd), reason, price.source, because)


def _unknown(catalog: Catalog, region: str, instance_type: str, use: Use) -> str:
    reason = f"no source here states what {instance_type} costs in {region}; {REFRESH}"
    hosting = catalog.prices.hourly(region, instance_type)
    if use != "hosting" and hosting is not None:
        reason += f" (for an endpoint in real time: ${_rate(hosting.usd)}, as of {hosting.as_of})"
    return reason


def _month(manifest: Manifest, catalog: Catalog, instance_type: str, count: int) -> Decision[str | None]:
    """Add up all that runs at one time, in every region: `count` instances, those of further variants and the shadow's."""
    use = USES.get(manifest.endpoint.mode, "hosting")
    running = Counter({instance_type: count})
    for name, number in _further(manifest.endpoint, instance_type):
        running[name] += number
    billed, lacking = [], []
    for region in manifest.regions:
        for name, number in (+running).items():
            price = catalog.prices.hourly(region, name, use)
            if price is None:
                lacking.append(f"{name} in {region}")
            else:
                billed.append(Billed(region, name, number, price))
    because: tuple[str | Fact, ...] = ("cost.usd_per_hour", *_counts(manifest), *(_fact(one) for one in billed))
    if lacking:
        return Decision(UNKNOWN, f"the price of {', '.join(lacking)} is unknown; {REFRESH}", PRICES, because)
    terms = " + ".join(_term(one, several=len(manifest.regions) > 1) for one in billed)
    total = sum((one.month for one in billed), Decimal())
    oldest = min((one.price.as_of for one in billed), default="")
    reason = f"{terms}, as of {oldest}" if billed else "no instance runs while nobody calls"
    return Decision(_amount(total), f"{reason}; {ON_TOP}", PRICES, because)


def _counts(manifest: Manifest) -> tuple[str, ...]:
    """The decisions that say how many machines run."""
    scales = ("scaling.min", "scaling.max", "scaling.schedule")
    own = ("stack.instance_count",) if manifest.endpoint.autoscaling is None else scales
    return (*own, *machines.keys(manifest), "stack.regions")


def _further(endpoint: Endpoint, instance_type: str) -> Iterator[tuple[str, int]]:
    """The instances of variants beside the first and of the shadow, which has as many as the first; nothing scales them."""
    for variant in endpoint.variants:
        yield variant.instance_type or instance_type, variant.instance_count
    if endpoint.shadow is not None:
        yield endpoint.shadow.instance_type, endpoint.instance_count


def _term(one: Billed, *, several: bool) -> str:
    where = f" in {one.region}" if several else ""
    return f"{one.count} x {one.instance_type}{where} x {HOURS} h x ${_rate(one.price.usd)}"


def _fact(one: Billed) -> Fact:
    what = f"{one.instance_type} costs ${_rate(one.price.usd)} an hour in {one.region}, as of {one.price.as_of}"
    return Fact(what, one.price.source)


def _quiet(manifest: Manifest, catalog: Catalog, instance_type: str, fewest: int, most: int) -> Decision[str | None]:
    if fewest == most:
        return _none(f"{counted(most, 'instance')} at all hours: nothing scales")
    use = USES.get(manifest.endpoint.mode, "hosting")
    prices = [catalog.prices.hourly(region, instance_type, use) for region in manifest.regions]
    what = f"an hour at {counted(fewest, 'instance')} instead of {most}"
    because = ("cost.usd_per_hour", "cost.usd_per_month_least", "cost.usd_per_month_most")
    known = [price.usd for price in prices if price is not None]
    if len(known) < len(prices):
        return Decision(UNKNOWN, f"{what}, at a price that is unknown; {REFRESH}", PRICES, because)
    return Decision(_amount((most - fewest) * sum(known, Decimal())), what, PRICES, because)


def _batch(manifest: Manifest, catalog: Catalog, instance_type: str) -> CostPlan:
    jobs = "a transform job is paid while it runs: cost.usd_per_hour for each of its instances"
    return CostPlan(
        usd_per_hour=_per_hour(manifest, catalog, instance_type),
        usd_per_month_least=Decision(NOTHING, "no instance runs between transform jobs", PRICING, ("stack.mode",)),
        usd_per_month_most=_none(jobs),
        usd_saved_per_quiet_hour=_none("no instance runs between transform jobs"),
        usd_per_million_invocations=_none(jobs),
    )


def _serverless(manifest: Manifest, catalog: Catalog, memory: int) -> CostPlan:
    by_call = "a serverless endpoint is paid by the time of its invocations: cost.usd_per_million_invocations"
    warm = (manifest.endpoint.serverless or Serverless()).provisioned_concurrency
    amount, reason = NOTHING, f"nothing is paid while nobody calls; {ON_TOP}"
    if warm:
        amount, reason = UNKNOWN, f"the price of {warm} invocations kept warm is in no list here: {PRICING}"
    return CostPlan(
        usd_per_hour=_none(by_call),
        usd_per_month_least=Decision(amount, reason, PRICING, ("stack.mode", "serverless.provisioned_concurrency")),
        usd_per_month_most=_none(by_call),
        usd_saved_per_quiet_hour=_none("nothing is paid while nobody calls"),
        usd_per_million_invocations=_per_million(manifest, catalog, memory),
    )


def _per_million(manifest: Manifest, catalog: Catalog, memory: int) -> Decision[str | None]:
    region = manifest.regions[0]
    price = catalog.prices.serverless_second(region, memory)
    if price is None:
        reason = f"no source here states what a second with {memory} MiB costs in {region}; {REFRESH}"
        return Decision(UNKNOWN, reason, PRICES, ("stack.mode", "stack.region", "serverless.memory_mib"))
    reason = (
        f"1,000,000 invocations of one second each with {memory} MiB at ${_rate(price.usd)} a second in {region}, "
        f"as of {price.as_of}; shorter ones cost less in proportion, data comes on top"
    )
    return Decision(_amount(MILLION * price.usd), reason, price.source, ("stack.mode", "stack.region"))


def _none(reason: str) -> Decision[str | None]:
    return Decision(None, reason, PRICING, ("stack.mode",))


def _amount(usd: Decimal) -> str:
    """Write an amount of money in dollars and cents."""
    return str(usd.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _rate(usd: Decimal) -> str:
    """Write a price as the list does, with two digits behind the point at least."""
    exact = usd.normalize()
    digits = -int(exact.as_tuple().exponent)
    return f"{exact:f}" if digits >= 2 else _amount(usd)
