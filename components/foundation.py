"""The one place that knows which clouds there are."""

from components.contracts import Foundation
from stacks.problems import SettingsError
from stacks.settings import AksStack, AnyStack, GkeStack, LocalStack, OkeStack


def build_foundation(stack: AnyStack) -> Foundation:
    """Registers the foundation of the stack's cloud. Imports that cloud's SDK and no other.

    Raises `SettingsError` for a cloud whose folder does not exist.
    """
    match stack:
        case GkeStack():
            from components.gke.foundation import build_foundation as build_gke

            return build_gke(stack)
        case LocalStack():
            from components.local.foundation import build_foundation as build_local

            return build_local(stack)
        case AksStack() | OkeStack():
            raise SettingsError([f"cloud: {stack.cloud} cannot be deployed; gke and local can"])
