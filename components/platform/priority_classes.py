"""The PriorityClasses that pods of the platform and of data services name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.priorities import CLASSES, Priority


@dataclass(frozen=True, kw_only=True)
class PriorityClassesArgs:
    classes: Mapping[str, Priority]
    """Each by its name."""


class PriorityClasses(pulumi.ComponentResource):
    """What pods have to name before the scheduler prefers them."""

    def __init__(self, name: str, args: PriorityClassesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:PriorityClasses", name, {}, opts)
        self.classes: Sequence[pulumi.Resource] = [
            kubernetes.scheduling.v1.PriorityClass(
                f"{name}-{called}",
                metadata=kubernetes.meta.v1.ObjectMetaArgs(name=called),
                value=priority.value,
                description=priority.meaning,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for called, priority in args.classes.items()
        ]
        self.register_outputs({})


def build_priority_classes(opts: pulumi.ResourceOptions) -> Sequence[pulumi.Resource]:
    """Registers them all. Pods that name one are refused until it is there."""
    return PriorityClasses("priorities", PriorityClassesArgs(classes=CLASSES), opts).classes
