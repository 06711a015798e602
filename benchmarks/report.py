"""Tables of ratios, and plots: what a person reads of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import goals
from benchmarks.goals import OURS, is_peer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from benchmarks.results import Cell, Results


def markdown(results: Results) -> str:
    """Write a run as Markdown: one table a workload, ratios to the best peer and to the limits."""
    parts = [f"Measured on {results.machine}, {results.day}; {_settings(results)}.", goals.table(goals.judge(results))]
    parts += [*_loads(results), *_text_streams(results), _standings(results), _tuning(results), _generator(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _settings(results: Results) -> str:
    told = results.settings
    return f"{told['workers']} workers, {told['rounds']} rounds of {told['seconds']:g} s in turn, medians"


def _loads(results: Results) -> Iterable[str]:
    for workload in dict.fromkeys(cell.workload for cell in results.cells):
        cells = [cell for cell in results.cells if cell.workload == workload]
        counts = list(dict.fromkeys(cell.connections for cell in cells))
        head = "| server | " + " | ".join(f"c{count} rps (p99 ms)" for count in counts) + " | to the best peer |"
        lines = [f"### {workload}", "", head, "|---" * (len(counts) + 2) + "|"]
        lines += [_line(server, cells, counts) for server in dict.fromkeys(cell.server for cell in cells)]
        alone = results.alone.get(workload)
        if alone is not None:
            lines.append(f"\nThe model's own library alone, in one process: {alone:,.0f} predictions a second.")
        yield "\n".join(lines)


def _line(server: str, cells: list[Cell], counts: list[int]) -> str:
    by_count = {cell.connections: cell for cell in cells if cell.server == server}
    shown, ratios = [], []
    for count in counts:
        cell = by_count[count]
        bad = f", {cell.bad} failed" if cell.bad else ""
        shown.append(f"{cell.rps:,.0f} ±{_spread(cell):.0%} ({cell.p99_ms:,.1f}){bad}")
        best = max((one.rps for one in cells if one.connections == count and is_peer(one.server)), default=0.0)
        ratios.append(f"{cell.rps / best:.1f}x" if best else "-")
    name = f"**{server}**" if server.startswith(OURS) else server
    return f"| {name} | {' | '.join(shown)} | {' / '.join(ratios)} |"


def _spread(cell: Cell) -> float:
    return (cell.high - cell.low) / 2 / cell.rps if cell.rps else 0.0


def _text_streams(results: Results) -> Iterable[str]:
    if not results.streams:
        return
    lines = [
        "### text generation, streamed",
        "",
        "| server | streams | tokens/s | first piece ms | to the best peer |",
        "|---|---|---|---|---|",
    ]
    for cell in results.streams:
        peers = [
            one.tokens_per_second for one in results.streams if one.streams == cell.streams and is_peer(one.server)
        ]
        ratio = f"{cell.tokens_per_second / max(peers):.1f}x" if peers else "-"
        lines.append(
            f"| {cell.server} | {cell.streams} | {cell.tokens_per_second:,.0f} | {cell.first_ms:,.0f} | {ratio} |"
        )
    yield "\n".join(lines)


def _standings(results: Results) -> str:
    if not results.standings:
        return ""
    lines = [
        "### start and memory",
        "",
        "| server | model | workers | to the first healthy ping, s | memory, MiB |",
        "|---|---|---|---|---|",
    ]
    for one in results.standings:
        if one.missing:
            lines.append(
                f"| {one.server} | {one.model} | {one.workers} | left out: {one.missing.splitlines()[-1][:120]} | |"
            )
        else:
            lines.append(
                f"| {one.server} | {one.model} | {one.workers} | {one.start_seconds:.1f} | {one.memory_mib:,.0f} |"
            )
    return "\n".join(lines)


def _tuning(results: Results) -> str:
    if not results.tuning:
        return ""
    head = "| rule | load | as the plan has it, rps (p99 ms) | otherwise, rps (p99 ms) | ratio |"
    lines = ["### tuning: byocgen beside itself", "", head, "|---|---|---|---|---|"]
    lines += [
        f"| {one.rule} | {one.workload}, c{one.connections}"
        f" | {one.chosen}: {one.chosen_rps:,.0f} ({one.chosen_p99_ms:,.1f})"
        f" | {one.other}: {one.other_rps:,.0f} ({one.other_p99_ms:,.1f}) | {one.chosen_rps / one.other_rps:.1f}x |"
        for one in results.tuning
    ]
    return "\n".join(lines)


def _generator(results: Results) -> str:
    if not results.generator:
        return ""
    lines = ["### byocgen itself", "", "| what | value |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value:,.2f} |" for name, value in results.generator.items())])


def plot(results: Results, path: Path) -> None:
    """Draw requests a second by workload and server, on a scale by tens, as PNG."""
    import matplotlib as mpl  # noqa: PLC0415 - only a report draws

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    workloads = list(dict.fromkeys(cell.workload for cell in results.cells))
    figure, axes = plt.subplots(
        len(workloads), 1, figsize=(10, 3.1 * len(workloads)), squeeze=False, layout="constrained"
    )
    for axis, workload in zip(axes[:, 0], workloads, strict=True):
        cells = [cell for cell in results.cells if cell.workload == workload]
        busiest = max(cell.connections for cell in cells)
        shown = sorted((cell for cell in cells if cell.connections == busiest), key=lambda cell: cell.rps)
        names = [cell.server for cell in shown]
        axis.barh(names, [cell.rps for cell in shown], color=[_colour(name) for name in names], log=True)
        axis.errorbar(
            [cell.rps for cell in shown], range(len(shown)), fmt="none", ecolor="#333333", capsize=2,
            xerr=[[cell.rps - cell.low for cell in shown], [cell.high - cell.rps for cell in shown]],
        )  # fmt: skip
        for row, cell in enumerate(shown):
            axis.annotate(f" {cell.rps:,.0f} rps, p99 {cell.p99_ms:,.1f} ms", (cell.high, row), va="center", fontsize=8)
        axis.set_title(f"{workload}, {busiest} connections", loc="left", fontsize=10)
        axis.margins(x=0.35)
        axis.spines[["top", "right"]].set_visible(False)
    figure.suptitle(results.machine, fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _colour(server: str) -> str:
    if server.startswith(OURS):
        return "#1f6f54"
    return "#c9c9c9" if server.startswith("limit") else "#7d9ec0"
