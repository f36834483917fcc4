"""The one place that knows which clouds there are."""

from components.contracts import Demands, Foundation
from stacks.settings import AksStack, AnyStack, GkeStack, LocalStack, OkeStack


def build_foundation(stack: AnyStack, demands: Demands) -> Foundation:
    """Registers the foundation of the stack's cloud. Imports that cloud's SDK and no other."""
    match stack:
        case GkeStack():
            from components.gke.foundation import build_foundation as build_gke

            return build_gke(stack, demands)
        case LocalStack():
            from components.local.foundation import build_foundation as build_local

            return build_local(stack, demands)
        case OkeStack():
            from components.oke.foundation import build_foundation as build_oke

            return build_oke(stack, demands)
        case AksStack():
            from components.aks.foundation import build_foundation as build_aks

            return build_aks(stack, demands)
