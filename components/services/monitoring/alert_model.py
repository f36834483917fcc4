"""What a workload file says of alerts about a service: bounds beyond which somebody is told, besides its objectives."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from components.span_metrics import LATENCY_BOUNDS_MS
from stacks.model import Model, form


def _bound(milliseconds: int) -> int:
    if milliseconds not in LATENCY_BOUNDS_MS:
        known = ", ".join(map(str, LATENCY_BOUNDS_MS))
        raise ValueError(f"expected one of {known}, which are the bounds that latencies are counted by")
    return milliseconds


LatencyBound = Annotated[int, AfterValidator(_bound)]
Wait = Annotated[str, form(r"[1-9][0-9]{0,2}(m|h)", "minutes or hours such as 5m")]


class ServiceAlerts(Model):
    """Bounds of what the service answers, by its spans. An objective is about a month; these are about now."""

    error_percent: float | None = Field(default=None, gt=0, lt=100)
    """Percent of the requests that may end in an error of the server; more is an alert."""

    latency_p95_ms: LatencyBound | None = None
    """Milliseconds within which 95 of 100 requests are to be answered; more is an alert."""

    wait: Wait = Field(default="5m", alias="for")
    """How long a bound has to be exceeded without a break before somebody is told."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.error_percent is None and self.latency_p95_ms is None:
            raise ValueError("expected error_percent or latency_p95_ms")
        return self
