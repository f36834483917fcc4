"""The one place that knows which clouds there are."""

from collections.abc import Sequence

from components.contracts import Foundation
from stacks.settings import AksStack, AnyStack, GkeStack, LocalStack, OkeStack


def build_foundation(stack: AnyStack, images: Sequence[str] = ()) -> Foundation:
    """Registers the foundation of the stack's cloud. Imports that cloud's SDK and no other.

    `images` names what the workloads pull, as `<workload>/<service>`: some registries want a repository for each of
    them before the first push.
    """
    match stack:
        case GkeStack():
            from components.gke.foundation import build_foundation as build_gke

            return build_gke(stack)
        case LocalStack():
            from components.local.foundation import build_foundation as build_local

            return build_local(stack)
        case OkeStack():
            from components.oke.foundation import build_foundation as build_oke

            return build_oke(stack, images)
        case AksStack():
            from components.aks.foundation import build_foundation as build_aks

            return build_aks(stack)
