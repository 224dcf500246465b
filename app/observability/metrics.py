"""Prometheus metrics of this process: counts, durations and failures."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_requests = Counter(
    "donorcrm_requests",
    "HTTP requests answered.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
_request_seconds = Histogram(
    "donorcrm_request_seconds",
    "How long an HTTP request took.",
    ("route",),
    buckets=SECONDS,
    registry=REGISTRY,
)
_rerun_seconds = Histogram(
    "donorcrm_rerun_seconds",
    "How long a screen took to draw.",
    ("page",),
    buckets=SECONDS,
    registry=REGISTRY,
)
_failures = Counter("donorcrm_failures", "Faults nobody expected.", ("where",), registry=REGISTRY)

# name, help text, label names, and label values → number
Gauge = tuple[str, str, tuple[str, ...], Mapping[tuple[str, ...], float]]


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request by its route template, never by its URL."""
    _requests.labels(method, route, str(status)).inc()
    _request_seconds.labels(route).observe(seconds)


def observe_rerun(page: str, seconds: float) -> None:
    """Record the duration of one rerun of a screen."""
    _rerun_seconds.labels(page).observe(seconds)


def count_failure(where: str) -> None:
    """Count an unexpected error; `where` is "screen", "route" or "job"."""
    _failures.labels(where).inc()


class _GaugeCollector(Collector):
    """Collector of gauges that are computed for one scrape."""

    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> list[GaugeMetricFamily]:
        """Return the gauges as metric families."""
        families = []
        for name, meaning, labels, values in self._gauges:
            family = GaugeMetricFamily(f"donorcrm_{name}", meaning, labels=labels)
            for label, value in values.items():
                family.add_metric(label, value)
            families.append(family)
        return families


def prometheus_text(gauges: Sequence[Gauge]) -> bytes:
    """Return this process's metrics and the given gauges in the Prometheus text format."""
    computed = CollectorRegistry()
    computed.register(_GaugeCollector(gauges))
    return generate_latest(REGISTRY) + generate_latest(computed)
