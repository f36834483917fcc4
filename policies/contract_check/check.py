"""Checks one resource: which rules apply to it, and what they find."""

from collections.abc import Iterable
from typing import Any

from contract_check.chart_values import check_release
from contract_check.custom_resources import check_custom_resource
from contract_check.findings import Finding, did_you_mean
from contract_check.ignored_changes import check_ignored
from contract_check.kubernetes_objects import check_objects
from contract_check.object_rules import check_rules
from contract_check.sdk_packages import PROVIDER_PREFIX, SdkPackage, installed, package_name
from contract_check.shapes import Shapes, decoded_provider_inputs
from contract_check.tables import check_tables
from contract_check.type_cache import known_tokens, resource_types

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"
NOT_OBJECTS = ("kubernetes:helm.sh/", "kubernetes:yaml", "kubernetes:kustomize")
# The engine adds these to a provider's inputs (sdk/go/common/resource/plugin/provider.go in pulumi/pulumi).
ENGINE_INPUTS = frozenset({"version", "pluginDownloadURL", "parameterization"})
# The Kubernetes provider adds it to a release while it checks its inputs.
RELEASE_INPUTS = frozenset({"checksum"})


def check_resource(token: str, inputs: dict[str, Any], ignore_changes: Iterable[str] = ()) -> list[Finding]:
    """Everything that is wrong with a resource's inputs, at most one finding a path and sort of rule."""
    package = installed(package_name(token))
    if package is None:
        return []
    types = resource_types(token)
    if types is None:
        return _check_untyped(token, inputs, package)
    findings = _check_types(token, inputs, types)
    findings += check_ignored(ignore_changes, types["types"], types["inputs"])
    findings += check_tables(token, inputs)
    if token == RELEASE:
        findings += check_release(inputs)
    elif token.startswith("kubernetes:") and not token.startswith(NOT_OBJECTS):
        findings += check_objects(inputs)
        findings += check_rules(token, inputs)
    return _without_repetition(findings)


def _check_types(token: str, inputs: dict[str, Any], types: dict[str, Any]) -> list[Finding]:
    ignored = RELEASE_INPUTS if token == RELEASE else frozenset[str]()
    if token.startswith(PROVIDER_PREFIX):
        inputs, ignored = decoded_provider_inputs(inputs, types["types"][types["inputs"]]), ENGINE_INPUTS
    return Shapes(types["types"], token).check_object(inputs, types["inputs"], "", ignored=ignored)


def _check_untyped(token: str, inputs: dict[str, Any], package: SdkPackage) -> list[Finding]:
    known = known_tokens(package)
    is_provider = token.startswith(PROVIDER_PREFIX)
    if package.name == "kubernetes" and not is_provider:
        findings = check_custom_resource(token, inputs, known)
        metadata = resource_types(NAMESPACE)
        if metadata is not None:
            schema = metadata["types"][metadata["inputs"]]["metadata"][0]
            findings += Shapes(metadata["types"], token).check(inputs.get("metadata"), schema, "metadata")
        return _without_repetition(findings + check_objects({"metadata": inputs.get("metadata")}))
    problem = f"{package.distribution} {package.version} has no resource type {token}{did_you_mean(token, known)}"
    return [Finding(path="", problem=problem)]


def _without_repetition(findings: list[Finding]) -> list[Finding]:
    """One finding a path: the first is the SDK's own, which later rules would only repeat in other words."""
    first: dict[str, Finding] = {}
    repeatable = [found for found in findings if found.path in ("", "ignoreChanges")]
    for found in findings:
        first.setdefault(found.path, found)
    return repeatable + [found for path, found in first.items() if path not in ("", "ignoreChanges")]
