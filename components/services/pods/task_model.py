"""What a service runs besides itself: before it starts, at fixed times, and before another build of it is released."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, Protocol

from pydantic import AfterValidator, Field

from components.services.schedules import schedule_problem
from components.services.values import CommandWord, Image, Resources, VariableName, VariableValue
from stacks.model import Model, form

LONGEST_CRON_JOB: Final = 52
"""Characters of a CronJob's name, to which its Jobs add eleven:
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""

MIGRATIONS: Final = "migrations"
"""What the name of a service's migrations ends with."""

APP: Final = "app"
"""The service's own container, as the app-service chart calls it: a sidecar says nothing of how busy it is."""

DAPR: Final = "daprd"
"""The container that Dapr puts into a pod."""

STAND_IN: Final = "at-"
"""What the names of the containers begin with that stand in for a service, one for each port but the first."""

TaskName = Annotated[
    str,
    form(
        r"(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "20 lower-case letters, digits and single hyphens at most, starting with a letter, for example report",
    ),
]


def _five_fields(schedule: str) -> str:
    if len(schedule.split()) != 5:
        raise ValueError('expected 5 fields: minute, hour, day of the month, month, day of the week ("0 6 * * 1-5")')
    if problem := schedule_problem(schedule):
        raise ValueError(problem)
    return schedule


Schedule = Annotated[str, AfterValidator(_five_fields)]
"""A cron schedule of five fields."""

TimeZone = Annotated[
    str, form(r"(?=.{1,60}$)[A-Za-z]+([/_+-][A-Za-z0-9]+)*", "a time zone such as UTC or Europe/Madrid")
]


class Task(Model):
    """A container that runs to its end, held to the same as the service's own, with its secrets and data services."""

    image: Image | None = None
    """Its image; that of the service, if not given."""

    command: tuple[CommandWord, ...] = ()
    """What is run instead of the image's entry point, word by word: no shell reads it."""

    args: tuple[CommandWord, ...] = ()
    """What it is called with, instead of what the image says."""

    env: dict[VariableName, VariableValue] = Field(default_factory=dict[VariableName, VariableValue])
    """Variables that differ from those of the service, or are there besides."""

    resources: Resources | None = None
    """What it asks for; as much as the service, if not given."""


class Init(Task):
    """A container that runs to its end in each pod before the service starts."""

    name: TaskName
    """Its name, for logs."""


class Job(Task):
    """What runs at fixed times, in a pod of its own. It has no Dapr sidecar, and no volumes but files and scratch."""

    schedule: Schedule
    """When, as five fields of cron: `"0 6 * * 1-5"` is at six from Monday to Friday."""

    timezone: TimeZone = "UTC"
    """The time zone of the schedule."""

    concurrency: Literal["forbid", "allow", "replace"] = "forbid"
    """What happens when the last run has not ended: the next is left out, runs beside it, or replaces it."""

    deadline_seconds: int = Field(default=3600, ge=1, le=7 * 86400)
    """Seconds after which a run is ended, as failed."""

    starting_deadline_seconds: int = Field(default=300, ge=10, le=86400)
    """Seconds that a run may start late. Later it is left out."""

    retries: int = Field(default=2, ge=0, le=10)
    """How often a run that failed is tried again."""

    keep_succeeded: int = Field(default=1, ge=0, le=20)
    """Runs that succeeded whose pods, and so logs of Kubernetes, are kept."""

    keep_failed: int = Field(default=3, ge=0, le=20)
    """Runs that failed whose pods are kept."""


class Migrations(Task):
    """What runs to its end before each release of the service, and stops it by failing, such as a change of a schema.

    The pods of the release before serve meanwhile, so they have to work with what it changes. It has neither the cloud
    identity of the service nor a Dapr sidecar, and no volumes but secret files.
    """

    deadline_seconds: int = Field(default=600, ge=1, le=3600)
    """Seconds that it may take, with all attempts."""

    retries: int = Field(default=2, ge=0, le=10)
    """How often it is tried again."""


def task_release(service: str, task: str) -> str:
    """Name of a task's objects and pods, `<service>-<task>`."""
    return f"{service}-{task}"


def name_clashes(containers: Sequence[Init], *, sidecar: bool) -> Iterator[tuple[str, str]]:
    """Init containers whose name another container of the pod has: key path, and text. `sidecar` says whether Dapr's is
    one of those.
    """
    names = [one.name for one in containers]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"{index}.name", f"{name} is another one's"
        if name == APP:
            yield f"{index}.name", f"{APP} is the service's own"
        if name == DAPR and sidecar:
            yield f"{index}.name", f"{DAPR} is that of Dapr's sidecar"
        if name.startswith(STAND_IN):
            yield f"{index}.name", f"names that begin with {STAND_IN} are those of stand-ins"


class _Service(Protocol):
    @property
    def jobs(self) -> Mapping[str, Job]: ...

    @property
    def migrations(self) -> Migrations | None: ...


def own_pods(service: str, spec: _Service) -> Iterator[str]:
    """Names of the pods that a service has besides its own, which may reach what it may."""
    yield from (task_release(service, job) for job in spec.jobs)
    if spec.migrations is not None:
        yield task_release(service, MIGRATIONS)


def name_problems(services: Mapping[str, _Service]) -> list[tuple[str, str]]:
    """Jobs and migrations whose names are too long or somebody else's: key path, and text."""
    found: list[tuple[str, str]] = []
    for service, spec in services.items():
        for job in spec.jobs:
            name = task_release(service, job)
            if len(name) > LONGEST_CRON_JOB:
                found.append((f"{service}.jobs.{job}", f"{name} has more than {LONGEST_CRON_JOB} characters"))
            if name in services or job == MIGRATIONS or re.fullmatch("pods|canary", job):
                found.append((f"{service}.jobs.{job}", f"{name} is the name of something else; choose another one"))
        if spec.migrations is not None and task_release(service, MIGRATIONS) in services:
            found.append((f"{service}.migrations", f"{task_release(service, MIGRATIONS)} is the name of a service"))
    return found
