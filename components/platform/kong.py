"""The gateway: Kong without a database and without an API to change it, in front of everything that has a host."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random as random

from components.data.connections import ValkeyConnection
from components.namespaces import GATEWAY
from components.platform.gateway_config import Gateway
from components.platform.gateway_credentials import Generated, credential_sources
from components.platform.gateway_problems import problems
from components.platform.gateway_secret import ConfigurationArgs, configuration, configuration_name, from_vault
from components.platform.kong_values import RELEASE, KongPods, kong_values
from components.platform.vault_secret import Vault
from components.releases import ChartSource, release_args
from stacks.gateway import GatewaySettings
from stacks.problems import SettingsError
from stacks.versions import KONG

PROXY = "kong-proxy"
"""Service that takes requests in."""


@dataclass(frozen=True, kw_only=True)
class KongArgs:
    gateway: Gateway
    """What it does."""

    credentials: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Values of credentials that are there already, by their place (`credential_sources`). Others that are to be
    generated are generated here."""

    vault: Vault | None = None
    """Where credentials are that people put into the vault. Needed if there is one."""

    load_balancer: Mapping[str, pulumi.Input[str]] | None = None
    """Annotations of a load balancer that keeps the client's address. Without one, as on a cluster that nobody outside
    reaches, the gateway is reached by `kubectl port-forward`."""

    settings: GatewaySettings
    """How many pods answer, what they take in, and whom they believe."""

    high_availability: bool
    """Whether pods are sized for production."""

    certificate: pulumi.Resource | None = None
    """What makes the Secret with the certificate of the stack's hosts. Without it the gateway shows one that it signs
    itself."""

    counters: ValkeyConnection | None = None
    """Where pods count requests together; none where no limit is counted so."""

    namespace: pulumi.Resource
    """The namespace that it runs in: `gateway`."""

    service_monitors: pulumi.Resource
    """The ServiceMonitor definition, which the release makes use of."""

    nodes: Sequence[pulumi.Resource]
    """The nodes that pods wait for."""

    charts: ChartSource
    """Where charts come from."""


class Kong(pulumi.ComponentResource):
    """Answers for every host of the stack. Until a certificate is issued it shows one that it has signed itself."""

    service: pulumi.Output[str]
    """Name of the Service that takes requests in, in the `gateway` namespace."""

    def __init__(self, name: str, args: KongArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:index:Kong", name, {}, opts)
        if found := problems(args.gateway):
            raise SettingsError(found, "gateway")
        values = {**self._generated(name, args), **args.credentials}
        digest = generation(values)
        secret = ConfigurationArgs(
            gateway=args.gateway,
            credentials=values,
            generation=digest,
            vault=args.vault,
            namespace=args.namespace,
        )
        made = configuration(name, secret, self)
        pods = KongPods(
            configuration=configuration_name(args.gateway),
            rotates=bool(from_vault(args.gateway)),
            credentials=digest,
            settings=args.settings,
            load_balancer=args.load_balancer,
            certified=args.certificate is not None,
            counters_password=args.counters.password if args.counters else None,
            large=args.high_availability,
        )
        kubernetes.helm.v3.Release(
            f"{name}-release",
            release_args(
                args.charts.locate(KONG),
                name=RELEASE,
                namespace=GATEWAY,
                values=kong_values(pods),
                timeout=600,
                # Those of an ingress controller that does not run.
                skip_crds=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[made, *self._waits(args)]),
        )

        self.service = pulumi.Output.from_input(PROXY)
        self.register_outputs({"service": self.service})

    def _generated(self, name: str, args: KongArgs) -> dict[str, pulumi.Output[str]]:
        """A value for each credential that is to be generated, by its place.

        It belongs to the consumer, the kind and its own name: whoever replaces the first of two keys keeps the second.
        """
        names = {
            place: f"{name}-{place.rpartition('/')[0].replace('/', '-')}-{source.name}"
            for place, source in credential_sources(args.gateway.consumers).items()
            if isinstance(source, Generated) and place not in args.credentials
        }
        made = {
            unique: random.RandomPassword(
                unique, length=40, special=False, opts=pulumi.ResourceOptions(parent=self)
            ).result
            for unique in dict.fromkeys(names.values())
        }
        return {place: made[unique] for place, unique in names.items()}

    @staticmethod
    def _waits(args: KongArgs) -> list[pulumi.Resource]:
        # The store of counters may come later: requests pass uncounted until then. Its password may not.
        ready = args.counters.ready if args.counters else ()
        passwords = [one for one in ready if isinstance(one, kubernetes.core.v1.Secret)]
        secrets = [*passwords, *([args.certificate] if args.certificate else [])]
        return [args.namespace, args.service_monitors, *secrets, *args.nodes]


def generation(credentials: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[str]:
    """Differs from that of every other set of credentials, and tells nothing of them: they are generated, and long."""
    if not credentials:
        return ""
    digest = pulumi.Output.all(**credentials).apply(
        lambda known: hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
    )
    return pulumi.Output.unsecret(digest)
