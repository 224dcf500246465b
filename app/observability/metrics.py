"""Numbers of this process for a collector: how many, how long, how often it failed."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

REGISTRY = CollectorRegistry()
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_requests = Counter(
    "donorcrm_requests", "HTTP requests answered.", ("method", "route", "status"),
    registry=REGISTRY,
)  # fmt: skip
_request_seconds = Histogram(
    "donorcrm_request_seconds", "How long an HTTP request took.", ("route",), buckets=SECONDS,
    registry=REGISTRY,
)  # fmt: skip
_rerun_seconds = Histogram(
    "donorcrm_rerun_seconds", "How long a screen took to draw.", ("page",), buckets=SECONDS,
    registry=REGISTRY,
)  # fmt: skip
_failures = Counter("donorcrm_failures", "Faults nobody expected.", ("where",), registry=REGISTRY)

# name, meaning, and label values → number
Gauge = tuple[str, str, tuple[str, ...], Mapping[tuple[str, ...], float]]


def request_took(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request by its route's template, never by its address."""
    _requests.labels(method, route, str(status)).inc()
    _request_seconds.labels(route).observe(seconds)


def rerun_took(page: str, seconds: float) -> None:
    """Count a drawing of a screen."""
    _rerun_seconds.labels(page).observe(seconds)


def failed(where: str) -> None:
    """Count a fault: on a "screen", in a "route", in a "job"."""
    _failures.labels(where).inc()


class _Now(Collector):
    """What is asked at the moment of collecting."""

    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> list[GaugeMetricFamily]:
        """Return the numbers there are."""
        found = []
        for name, meaning, labels, values in self._gauges:
            family = GaugeMetricFamily(f"donorcrm_{name}", meaning, labels=labels)
            for label, value in values.items():
                family.add_metric(label, value)
            found.append(family)
        return found


def spelled(gauges: Sequence[Gauge]) -> bytes:
    """Return this process's numbers, and those of this moment, as a collector reads them."""
    now = CollectorRegistry()
    now.register(_Now(gauges))
    return generate_latest(REGISTRY) + generate_latest(now)
