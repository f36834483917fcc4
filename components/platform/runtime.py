"""The runtime of application services: Dapr, with a root of trust and definitions of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.namespaces import DAPR, MONITORING
from components.platform.base import Base
from components.platform.dapr import TRUST_DOMAIN, Dapr, DaprArgs
from components.platform.dapr_crds import DaprCrds, DaprCrdsArgs, dapr_definitions
from components.platform.dapr_root import DaprRoot, DaprRootArgs


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What services that use Dapr stand on."""

    release: pulumi.Resource
    """The control plane. Pods that ask for a sidecar depend on it: without it they are not created."""

    definitions: Sequence[pulumi.Resource]
    """Dapr's definitions: components, configurations and subscriptions are made of them."""


def build_runtime(base: Base) -> Runtime:
    """Registers the root of trust, the definitions and the control plane."""
    root = DaprRoot(
        "dapr-root",
        DaprRootArgs(
            roots=base.stack.dapr.roots,
            trust_domain=TRUST_DOMAIN,
            protect=base.stack.protect,
            namespace=base.namespaces[MONITORING],
            crds=base.crds,
        ),
        base.opts,
    )
    crds = DaprCrds("dapr-crds", DaprCrdsArgs(definitions=dapr_definitions()), base.opts)
    dapr = Dapr(
        "dapr",
        DaprArgs(
            bundle=root.bundle,
            issuer=root.issuer,
            issuer_key=root.issuer_key,
            high_availability=base.stack.high_availability,
            storage_class=base.capabilities.storage_class,
            namespace=base.namespaces[DAPR],
            definitions=crds.definitions,
            service_monitors=base.crds,
            nodes=base.nodes,
            charts=base.charts,
        ),
        base.opts,
    )
    return Runtime(release=dapr.release, definitions=crds.definitions)
