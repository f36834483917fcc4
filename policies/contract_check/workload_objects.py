"""Rules of what runs pods, scales them and keeps their data, that no type carries.

Source: what the API server answers; kubernetes.io/docs/reference/kubernetes-api/workload-resources.
"""

import re
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Final

from contract_check.findings import Finding
from contract_check.places import Place, one_of, required, within
from contract_check.pod_objects import check_selector
from contract_check.quantities import amount
from contract_check.schedules import schedule_problem

LONGEST_CRON_NAME = 52
"""A job's name has eleven characters more than its cron job's, and at most 63."""
_PERCENT = re.compile(r"[0-9]+%")
_ACCESS = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_METRICS = {
    "Resource": "resource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
    "ContainerResource": "containerResource",
}
_PERCENT_WORDS = "a whole number or a percentage such as 25%"


def check_workload(kind: str, top: Place) -> Iterator[Finding]:
    """What is wrong with an object of one of these kinds."""
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(top)


def _deployment(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    yield from _replicated(top)
    yield from one_of(spec["strategy.type"], ("Recreate", "RollingUpdate"))
    rolling = spec["strategy.rollingUpdate"]
    if spec["strategy.type"].value == "Recreate" and rolling.present:
        yield rolling.wrong("a deployment that recreates its pods rolls nothing: may not be specified")
    yield from _rolling(rolling)
    deadline, least = spec["progressDeadlineSeconds"], spec["minReadySeconds"]
    allowed = 600 if not deadline.present else deadline.number
    if least.number is not None and allowed is not None and least.number >= allowed:
        place = deadline if deadline.present else least
        yield place.wrong("progressDeadlineSeconds must be greater than minReadySeconds")


def _stateful_set(top: Place) -> Iterator[Finding]:
    yield from _replicated(top)
    yield from one_of(top["spec.updateStrategy.type"], ("RollingUpdate", "OnDelete"))
    for claim in top["spec.volumeClaimTemplates"].each():
        yield from _claim(claim)


def _daemon_set(top: Place) -> Iterator[Finding]:
    yield from _selecting(top)
    yield from one_of(top["spec.updateStrategy.type"], ("RollingUpdate", "OnDelete"))
    yield from _rolling(top["spec.updateStrategy.rollingUpdate"], surge="0", unavailable="1")


def _replicated(top: Place) -> Iterator[Finding]:
    yield from _selecting(top)
    for key in ("replicas", "minReadySeconds", "revisionHistoryLimit"):
        yield from within(top["spec"][key], 0)


def _selecting(top: Place) -> Iterator[Finding]:
    """A selector that selects, and its own pods."""
    selector, labels = top["spec.selector"], top["spec.template.metadata.labels"]
    if selector.unknown:
        return
    if not selector["matchLabels"].present and not selector["matchExpressions"].present:
        yield selector.wrong("an empty selector is invalid: it has to name labels of the pods")
    yield from check_selector(selector)
    if labels.unknown or selector["matchLabels"].unknown:
        return
    for key, wanted in selector["matchLabels"].members():
        given = labels.value.get(key) if isinstance(labels.value, dict) else None
        if wanted.value is not None and isinstance(given, str | None) and given != wanted.value:
            yield wanted.wrong(f"`selector` does not match template `labels`: the pods have {given or 'no such label'}")


def _rolling(rolling: Place, surge: str = "25%", unavailable: str = "25%") -> Iterator[Finding]:
    for key in ("maxSurge", "maxUnavailable"):
        yield from _count_or_percent(rolling[key])
    if rolling.value is None:
        return
    given = [rolling["maxSurge"].found, rolling["maxUnavailable"].found]
    used = [fallback if found is None else found for found, fallback in zip(given, (surge, unavailable), strict=True)]
    if all(found in (0, "0", "0%") for found in used):
        yield rolling["maxUnavailable"].wrong("may not be 0 when `maxSurge` is 0: nothing could ever roll")


def _count_or_percent(place: Place, highest: int | None = None) -> Iterator[Finding]:
    yield from within(place, 0)
    text = place.text
    if text is not None and not _PERCENT.fullmatch(text):
        yield place.wrong(f"{place.shown()} is not {_PERCENT_WORDS}")
    elif text is not None and highest is not None and int(text.removesuffix("%")) > highest:
        yield place.wrong(f"{place.shown()} is more than {highest}%")


def _job_spec(spec: Place) -> Iterator[Finding]:
    for key in ("backoffLimit", "completions", "parallelism", "ttlSecondsAfterFinished", "activeDeadlineSeconds"):
        yield from within(spec[key], 0)
    yield from one_of(spec["completionMode"], ("NonIndexed", "Indexed"))
    if spec["completionMode"].value == "Indexed":
        yield from required(spec["completions"], "an indexed job needs its completions")
    if spec["selector"].present and spec["manualSelector"].value is not True:
        yield spec["selector"].wrong("a job makes its own selector unless manualSelector is true")


def _job(top: Place) -> Iterator[Finding]:
    yield from _job_spec(top["spec"])


def _cron_job(top: Place) -> Iterator[Finding]:
    name, spec = top["metadata.name"], top["spec"]
    if name.text is not None and len(name.text) > LONGEST_CRON_NAME:
        yield name.wrong(f"{name.shown()} must be no more than {LONGEST_CRON_NAME} characters: its jobs' are longer")
    yield from required(spec["schedule"])
    if spec["schedule"].text is not None:
        problem = schedule_problem(spec["schedule"].text)
        if problem:
            yield spec["schedule"].wrong(f"{spec['schedule'].shown()} is no schedule: {problem}")
    zone = spec["timeZone"].text
    if zone is not None and zone not in zoneinfo.available_timezones():
        yield spec["timeZone"].wrong(f"{spec['timeZone'].shown()} is an unknown time zone")
    for key in ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from within(spec[key], 0)
    yield from _job_spec(spec["jobTemplate.spec"])


def _autoscaler(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    least, most = spec["minReplicas"], spec["maxReplicas"]
    yield from within(most, 1)
    yield from within(least, 0)
    if least.number is not None and most.number is not None and most.number < least.number:
        yield most.wrong("must be greater than or equal to `minReplicas`")
    yield from required(spec["scaleTargetRef.name"])
    yield from required(spec["scaleTargetRef.kind"])
    for metric in spec["metrics"].each():
        yield from one_of(metric["type"], _METRICS)
        source = _METRICS.get(str(metric["type"].value))
        if source is not None:
            yield from required(metric[source], f"a metric of the type {metric['type'].value} has it")
            yield from one_of(metric[source]["target.type"], ("Utilization", "Value", "AverageValue"))
            yield from within(metric[source]["target.averageUtilization"], 1)


def _budget(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    if spec["minAvailable"].present and spec["maxUnavailable"].present:
        yield spec.wrong("minAvailable and maxUnavailable cannot be both set")
    for key in ("minAvailable", "maxUnavailable"):
        yield from _count_or_percent(spec[key], 100)
    yield from check_selector(spec["selector"])


def _claim(top: Place) -> Iterator[Finding]:
    spec = top["spec"]
    yield from required(spec["accessModes"], "at least 1 access mode is required")
    for mode in spec["accessModes"].each():
        yield from one_of(mode, _ACCESS)
    if len(list(spec["accessModes"].each())) > 1 and "ReadWriteOncePod" in (spec["accessModes"].value or ()):
        yield spec["accessModes"].wrong("ReadWriteOncePod allows no other mode besides")
    size = spec["resources.requests.storage"]
    if not spec["resources"].unknown and not spec["resources.requests"].unknown:
        yield from required(size, "a claim needs a size")
    found = amount(size.value)
    if found is not None and found <= 0:
        yield size.wrong(f"{size.shown()} must be greater than zero")


_CHECKS: Final[dict[str, Callable[[Place], Iterator[Finding]]]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replicated,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "PersistentVolumeClaim": _claim,
}
