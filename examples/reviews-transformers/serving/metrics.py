"""GET /metrics: what all workers have counted, as Prometheus text. Names and units follow Prometheus's own advice.

No label says anything that a caller sent: the number of series is bounded.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from serving.board import BUCKETS, HISTOGRAMS, Board

HELP = {
    "total": "Time from a request's first byte to its answer, /invocations only.",
    "queue": "Time that a request waited for its turn.",
    "predict": "Time that predict_fn or the model took.",
}
NAMES = {"total": "request_duration", "queue": "queue_duration", "predict": "predict_duration"}
GAUGES = {
    "in_flight": ("requests_in_flight", "Requests being answered or waiting."),
    "connections": ("connections", "Connections that are open."),
    "queued": ("requests_queued", "Requests waiting for their turn."),
    "busy": ("threads_busy", "Threads that predict, or are about to."),
    "model_loaded": ("workers_ready", "Workers whose model is loaded and has answered its warm-up."),
    "sick": ("workers_unhealthy", "Workers whose model fails."),
}


class Numbers(Collector):
    """Reads the board when it is asked."""

    def __init__(self, board: Board) -> None:
        """Read from `board`."""
        self._board = board

    def collect(self) -> Iterator[Metric]:
        """Give every family, also those that are still at zero."""
        yield self._requests()
        for name in HISTOGRAMS:
            yield self._histogram(name)
        for gauge, (name, text) in GAUGES.items():
            yield GaugeMetricFamily(f"serving_{name}", text, self._board.total(gauge))
        restarts = CounterMetricFamily("serving_worker_restarts", "Workers that died and were replaced.")
        restarts.add_metric([], self._board.get("worker_restarts"))
        yield restarts
        began = self._board.get("started_at")
        yield GaugeMetricFamily("process_start_time_seconds", "Start of the server, seconds since 1970.", began)

    def _requests(self) -> Metric:
        totals: dict[tuple[str, int], float] = {}
        for slot in self._board.slots():
            for route, status, count in slot.requests():
                totals[route, status] = totals.get((route, status), 0) + count
        family = CounterMetricFamily("serving_requests", "Requests that were answered.", labels=["route", "status"])
        for (route, status), count in totals.items():
            family.add_metric([route, str(status or "other")], count)
        return family

    def _histogram(self, name: str) -> Metric:
        columns = zip(*(slot.histogram(name) for slot in self._board.slots()), strict=True)
        *counts, seconds = [sum(column) for column in columns]
        buckets = []
        so_far = 0.0
        for bound, count in zip([*map(str, BUCKETS), "+Inf"], counts, strict=True):
            so_far += count
            buckets.append((bound, so_far))
        family = HistogramMetricFamily(f"serving_{NAMES[name]}_seconds", HELP[name])
        family.add_metric([], buckets, seconds)
        return family


def expose(board: Board, accept: str) -> tuple[bytes, str]:
    """Give the text and its content type: OpenMetrics for a scraper that asks for it, else Prometheus's own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(board))
    write, content_type = choose_encoder(accept)
    return write(registry), content_type
