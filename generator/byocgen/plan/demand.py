"""What serving takes of memory, as values: terms with their reasons, and their sums. MiB throughout."""

from __future__ import annotations

from dataclasses import dataclass

from byocgen.plan.decision import DEFAULT


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the memory: how much, how it was counted, and who says so."""

    mib: int
    reason: str
    source: str


NOTHING = Term(0, "none", DEFAULT)


@dataclass(frozen=True, slots=True)
class GpuDemand:
    """What one worker takes of the GPU that it has to itself."""

    context: Term
    weights: Term
    working: Term
    kv_cache: Term

    @property
    def mib(self) -> int:
        """All of it."""
        return self.context.mib + self.weights.mib + self.working.mib + self.kv_cache.mib

    @property
    def sum(self) -> str:
        """Its terms as people read them."""
        return _sum(
            {
                "CUDA itself": self.context,
                "weights": self.weights,
                "activations": self.working,
                "keys and values": self.kv_cache,
            }
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What serving takes of an instance's own memory, and, where a GPU computes, of each GPU.

    `shared_mib` of the weights are held once for all workers; `beside` is what a worker takes beside another one, where
    that is less than a first one (a fork of the process that has the model).
    """

    process: Term
    weights: Term
    loading: Term
    working: Term
    kv_cache: Term
    beside: Term
    shared_mib: int
    gpu: GpuDemand | None = None

    @property
    def at_work(self) -> int:
        """The larger of what a worker takes while it loads and while it answers, beside process and weights."""
        return max(self.loading.mib, self.working.mib + self.kv_cache.mib)

    @property
    def alone(self) -> int:
        """All that one worker takes."""
        return self.process.mib + self.weights.mib + self.at_work

    @property
    def sum(self) -> str:
        """The terms of one worker as people read them: those of loading or those of work, whichever are larger."""
        loads = self.loading.mib > self.working.mib + self.kv_cache.mib
        rest = {"while it loads": self.loading}
        if not loads:
            rest = {"for requests": self.working, "keys and values": self.kv_cache}
        return _sum({"process": self.process, "weights": self.weights, **rest})

    @property
    def forked(self) -> bool:
        """Whether workers are forks of a process that has the model."""
        return self.beside.mib < self.process.mib

    @property
    def more(self) -> int:
        """What each further worker takes."""
        if self.forked:
            return self.beside.mib + self.working.mib + self.kv_cache.mib
        return self.process.mib + self.weights.mib - self.shared_mib + self.at_work

    def total(self, workers: int) -> int:
        """What so many workers take together. Forks stand beside the process that they come from."""
        if workers <= 1:
            return self.alone
        if self.forked:
            return self.process.mib + self.weights.mib + max(self.loading.mib, workers * self.more)
        return self.shared_mib + workers * self.more


def _sum(terms: dict[str, Term]) -> str:
    return ", ".join(f"{gib(term.mib)} {what}" for what, term in terms.items() if term.mib)


def gib(mib: float) -> str:
    """Write an amount of memory: `16 GiB`, `1.3 GiB`, `64 MiB`."""
    return f"{mib:.0f} MiB" if mib < 1024 else f"{mib / 1024:,.1f}".removesuffix(".0") + " GiB"
