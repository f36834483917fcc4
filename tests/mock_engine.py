"""A program under Pulumi's mocks, as plain records: what it registered, with which inputs, options and outputs."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from unittest import mock

import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime import resource, rpc, settings, stack
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2, source_pb2

_PATIENCE_SECONDS = 180
"""After which nothing of a program has come to its end, and nothing will."""

PROVIDER_OUTPUTS: Mapping[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "azure-native:containerservice:ManagedCluster": lambda name, inputs: {
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {}},
        "oidcIssuerProfile": {"enabled": True, "issuerURL": f"https://oic.example/{name}/"},
    },
    "azure-native:dns:Zone": lambda name, inputs: {"nameServers": ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."]},
    "azure-native:keyvault:Key": lambda name, inputs: {
        "keyUri": f"https://vault.example/keys/{name}",
        "keyUriWithVersion": f"https://vault.example/keys/{name}/1",
    },
    "azure-native:managedidentity:UserAssignedIdentity": lambda name, inputs: {
        "clientId": f"{name}-client",
        "principalId": f"{name}-principal",
    },
    "azure-native:network:FlowLog": lambda name, inputs: {"identity": {"type": "UserAssigned"}},
    "azure-native:servicebus:Namespace": lambda name, inputs: {"identity": {"type": "UserAssigned"}},
    "azure-native:storage:StorageAccount": lambda name, inputs: {"identity": {"type": "UserAssigned"}},
    "gcp:container/cluster:Cluster": lambda name, inputs: {
        "endpoint": "10.0.0.2",
        "masterAuth": {"clusterCaCertificate": "Y2E="},
        "controlPlaneEndpointsConfig": {"dnsEndpointConfig": {"endpoint": f"{name}.gke.goog"}},
    },
    "gcp:dns/managedZone:ManagedZone": lambda name, inputs: {"nameServers": ["ns-cloud-a1.googledomains.com."]},
    "gcp:sql/databaseInstance:DatabaseInstance": lambda name, inputs: {
        "privateIpAddress": "10.68.48.3",
        "serverCaCerts": [{"cert": "certificate", "commonName": "authority"}],
    },
    "gcp:serviceaccount/account:Account": lambda name, inputs: {
        "email": f"{inputs['accountId']}@example.iam.gserviceaccount.com",
        "member": f"serviceAccount:{inputs['accountId']}@example.iam.gserviceaccount.com",
    },
    "gcp:projects/serviceIdentity:ServiceIdentity": lambda name, inputs: {
        "member": f"serviceAccount:service-1@{inputs['service'].partition('.')[0]}.iam.gserviceaccount.com"
    },
    "oci:Dns/zone:Zone": lambda name, inputs: {
        "nameservers": [{"hostname": f"ns{index}.{name}.example"} for index in (2, 1)]
    },
    "oci:Identity/authToken:AuthToken": lambda name, inputs: {"token": f"{name}-secret"},
    "oci:Identity/customerSecretKey:CustomerSecretKey": lambda name, inputs: {"key": f"{name}-secret"},
    "oci:Kms/vault:Vault": lambda name, inputs: {"managementEndpoint": f"https://{name}-management.kms.example"},
    "oci:Queue/queue:Queue": lambda name, inputs: {"messagesEndpoint": f"https://{name}.queue.example"},
    "random:index/randomBytes:RandomBytes": lambda name, inputs: {"hex": hashlib.md5(name.encode()).hexdigest()},
    "random:index/randomId:RandomId": lambda name, inputs: {"hex": "0a1b2c3d"},
    "random:index/randomPassword:RandomPassword": lambda name, inputs: {"result": "generated-password"},
    "tls:index/certRequest:CertRequest": lambda name, inputs: {"certRequestPem": f"{name} request\n"},
    "tls:index/locallySignedCert:LocallySignedCert": lambda name, inputs: {"certPem": f"{name} certificate\n"},
    "tls:index/privateKey:PrivateKey": lambda name, inputs: {"privateKeyPem": f"{name} key\n"},
    "tls:index/selfSignedCert:SelfSignedCert": lambda name, inputs: {
        "certPem": f"{name} certificate\n",
        "validityEndTime": "2036-11-21T12:00:00.123456789Z",
    },
}
"""What providers compute, by type: mocks that only echo inputs leave these empty."""

AKS_CREDENTIALS = """
clusters: [{name: c, cluster: {server: "https://c.example:443", certificate-authority-data: Y2E=}}]
users: [{name: u, user: {client-key-data: not-ours-to-keep}}]
"""

CALLS: Mapping[str, dict[str, Any]] = {
    "azure-native:containerservice:listManagedClusterUserCredentials": {
        "kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(AKS_CREDENTIALS.encode()).decode()}]
    },
    "gcp:organizations/getProject:getProject": {"projectId": "example", "number": "123456789"},
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
        "emailAddress": "service-1@gs-project-accounts.iam.gserviceaccount.com",
        "member": "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com",
    },
    "oci:ContainerEngine/getClusterKubeConfig:getClusterKubeConfig": {
        "content": "clusters: [{name: c, cluster: {server: 'https://10.0.0.2:6443', certificate-authority-data: Y2E=}}]"
    },
    "oci:Core/getServices:getServices": {
        "services": [
            {"id": "object-storage", "cidrBlock": "oci-fra-objectstorage", "name": "", "description": ""},
            {"id": "all", "cidrBlock": "all-fra-services-in-oracle-services-network", "name": "", "description": ""},
        ]
    },
    "oci:ObjectStorage/getNamespace:getNamespace": {"namespace": "acmespace"},
    "oci:Psql/getDbSystemConnectionDetail:getDbSystemConnectionDetail": {
        "caCertificate": "-----BEGIN CERTIFICATE-----",
        "primaryDbEndpoints": [{"fqdn": "primary.postgres.example", "ipAddress": "10.68.35.2", "port": 5432}],
    },
}
"""Answers to provider functions. A call that is not listed fails."""


@dataclass(kw_only=True)
class Registration:
    """One resource that the program registered."""

    urn: str
    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    provider: str
    depends_on: list[str]
    property_dependencies: dict[str, set[str]]
    """URNs of the resources that an input was made from, by the input."""
    protect: bool
    ignore_changes: list[str]
    replace_on_changes: list[str]
    """Paths whose change replaces the resource, whatever its provider says of them."""
    delete_before_replace: bool
    replacement_trigger: Any = None
    """A value whose change replaces the resource."""
    outputs: dict[str, Any] | None = None
    """What a component registered as its outputs; nothing for a resource of a provider."""


@dataclass
class Deployed:
    """Everything that one program registered, by URN."""

    registrations: dict[str, Registration] = field(default_factory=dict[str, Registration])

    def of_type(self, type_: str) -> list[Registration]:
        """Registrations of one type, in order of their names."""
        found = [registration for registration in self.registrations.values() if registration.type == type_]
        return sorted(found, key=lambda registration: registration.name)

    def only(self, type_: str) -> Registration:
        """The one registration of a type."""
        found = self.of_type(type_)
        assert len(found) == 1, f"{len(found)} resources of {type_}: {[registration.name for registration in found]}"
        return found[0]

    def named(self, name: str) -> Registration:
        """The one provider resource of a name."""
        found = [
            one for one in self.registrations.values() if one.name == name and not one.type.startswith("groundwork:")
        ]
        assert len(found) == 1, f"{len(found)} resources named {name}"
        return found[0]

    def types(self) -> set[str]:
        """Every type that was registered."""
        return {registration.type for registration in self.registrations.values()}


class _NoMocks(pulumi.runtime.Mocks):
    """What the SDK asks for beside a monitor; the monitor below answers instead."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise AssertionError(f"unexpected read of {args.typ} {args.name}")

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(f"unexpected call of {args.token}")


class _Monitor(MockMonitor):
    """Records what is registered and answers as the providers would."""

    def __init__(self, renewed: Collection[str]) -> None:
        super().__init__(_NoMocks())
        self.deployed = Deployed()
        self._renewed = renewed

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        assert urn not in self.deployed.registrations, f"two resources with the URN {urn}"
        inputs = _plain(rpc.deserialize_properties(request.object))
        self.deployed.registrations[urn] = Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            inputs=inputs,
            provider=request.provider.rpartition("::")[0],
            depends_on=sorted(request.dependencies),
            property_dependencies={key: set(found.urns) for key, found in request.propertyDependencies.items()},
            protect=request.protect,
            ignore_changes=list(request.ignoreChanges),
            replace_on_changes=list(request.replaceOnChanges),
            delete_before_replace=request.deleteBeforeReplace,
            replacement_trigger=_trigger(request),
        )
        name = f"{request.name}-renewed" if urn in self._renewed else request.name
        computed = PROVIDER_OUTPUTS.get(request.type, lambda name, inputs: {})(name, inputs)
        state = {"name": f"{name}-1a2b3c4", **inputs, **computed}
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"{name}-id", object=_serialized(state))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        if request.urn in self.deployed.registrations:
            self.deployed.registrations[request.urn].outputs = _plain(rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)

    def Invoke(self, request: Any) -> Any:
        assert request.tok in CALLS, f"unexpected call of {request.tok}"
        return resource_pb2.ResourceInvokeResponse(**{"return": _serialized(CALLS[request.tok])})


def _trigger(request: Any) -> Any:
    if not request.HasField("replacement_trigger"):
        return None
    carried = struct_pb2.Struct(fields={"trigger": request.replacement_trigger})
    return _plain(rpc.deserialize_properties(carried))["trigger"]


class _EventLoop(asyncio.SelectorEventLoop):
    """Asks the monitor right away: it answers at once, and what threads would cost is most of what it costs."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        answer = self.create_future()
        try:
            answer.set_result(func(*args))
        except Exception as failure:
            answer.set_exception(failure)
        return answer


def _serialized(values: Mapping[str, Any]) -> Any:
    serializing = rpc.serialize_properties(dict(values), {})
    try:
        serializing.send(None)
    except StopIteration as finished:
        return finished.value
    raise AssertionError("an answer of the monitor holds an output")


def _plain(value: Any) -> Any:
    """The value without secrets' envelopes."""
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def run(
    program: Callable[[], Any],
    *,
    preview: bool = False,
    config: Mapping[str, Any] | None = None,
    renewed: Collection[str] = (),
) -> Deployed:
    """Runs `program` to its end under mocks. What the program raises, and what its outputs raise, is raised here.

    `renewed` are URNs of resources that were replaced: they come out with other ids and computed outputs.
    """
    monitor, waiting = _Monitor(renewed), list[str]()
    loop = _EventLoop()
    asyncio.set_event_loop(loop)
    # The SDK would wait for them, and no loop runs that they are on.
    assert not cast(Any, settings.SETTINGS).outputs, "an earlier test has made outputs outside of any program"
    try:
        pulumi.runtime.set_mocks(monitor.mocks, project="groundwork", stack="test", preview=preview, monitor=monitor)
        pulumi.runtime.set_all_config(
            {key: value if isinstance(value, str) else json.dumps(value) for key, value in (config or {}).items()}
        )
        # Who registers what is of no interest here, and takes a fifth of the time to find out.
        with mock.patch.object(resource, "_get_stack_trace", source_pb2.StackTrace):
            loop.run_until_complete(stack.run_pulumi_func(lambda: _all_of(program, waiting)))
    except asyncio.CancelledError:
        raise AssertionError("\n".join(["waits for itself, or for what never comes:", *sorted(waiting)])) from None
    finally:
        pulumi.runtime.set_all_config({})
        loop.close()
        asyncio.set_event_loop(None)
    return monitor.deployed


async def _all_of(program: Callable[[], Any], waiting: list[str]) -> None:
    """Runs the program until nothing is unfinished. What never would be is named in `waiting`, and given up."""
    program()
    # The SDK looks at all that is unfinished whenever one thing of it is finished: there shall be nothing left for it.
    while unfinished := asyncio.all_tasks() - {asyncio.current_task()}:
        finished, stuck = await asyncio.wait(unfinished, timeout=_PATIENCE_SECONDS)
        if not finished:
            for task in stuck:
                waiting.append(str(task.get_coro()))
                task.cancel()
