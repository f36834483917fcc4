"""How long metrics, logs and traces are kept, where alerts are mute, and who opens the monitoring host."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from stacks.model import Distinct, Model, Name, form

HttpUrl = Annotated[
    str,
    form(
        r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s?#@]*)?",
        "an http:// or https:// address without a user and a query, for example https://mimir.example.com/api/v1/push",
    ),
]
HttpsUrl = Annotated[
    str,
    form(
        r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s?#@]*)?",
        "an https:// address without a user and a query, for example https://login.example.com",
    ),
]
Endpoint = Annotated[
    str,
    form(
        r"(https?://)?[A-Za-z0-9.-]+:[0-9]{1,5}(/[^\s?#@]*)?",
        "a host and its port, for example https://traces.example.com:9200",
    ),
]
UserName = Annotated[str, form(r"[^\s:]{1,128}", "a user name without spaces and colons")]
TimeOfDay = Annotated[str, form(r"([01][0-9]|2[0-3]):[0-5][0-9]", 'a time of day in quotes, for example "22:00"')]
EndOfWindow = Annotated[
    str, form(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", 'a time of day in quotes, for example "06:00", or "24:00"')
]
EmailDomain = Annotated[
    str, form(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}", "a domain in lower case, for example example.com")
]
Scope = Annotated[str, form(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}", "a scope of OAuth, without spaces and quotes")]
Severity = Literal["critical", "warning", "info"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("no time zone of the IANA database, for example Europe/Madrid")
    return text


TimeZone = Annotated[str, AfterValidator(_time_zone)]


class RemoteWrite(Model):
    """A store that keeps metrics for longer, or for several clusters: Mimir, Thanos, a cloud's managed Prometheus."""

    url: HttpUrl
    """Where samples are pushed."""

    username: UserName | None = None
    """Who pushes them. The password is the secret `groundwork:remoteWritePassword`; without a user it is a token."""


class Metrics(Model):
    """How long Prometheus keeps metrics, and on how much disk."""

    retention_days: int = Field(ge=1, le=400)
    """Days that samples are kept, longer where a workload asks for it. By environment: dev 7, staging 15, prod 30."""

    storage_gib: int = Field(ge=20, le=16384)
    """Size of each Prometheus volume in GiB. By environment: dev 20, staging 50, prod 200."""

    remote_write: RemoteWrite | None = None
    """Where every sample is pushed besides, for those who outgrow one Prometheus."""


class Logs(Model):
    """How long Loki keeps logs."""

    retention_days: int = Field(ge=1, le=400)
    """Days that logs are kept, longer where a workload asks for it. By environment: dev 7, staging 15, prod 30."""


class TraceStore(Model):
    """A store of traces that somebody else runs, for more than one Jaeger with a volume can take."""

    kind: Literal["opensearch", "elasticsearch", "cassandra", "remote"]
    """Which protocol it speaks; `remote` is Jaeger's own storage API over gRPC."""

    endpoints: Annotated[tuple[Endpoint, ...], Distinct] = Field(min_length=1)
    """Where it answers: addresses with their scheme, or `host:port` for Cassandra and a remote backend."""

    username: UserName | None = None
    """Who writes to it. The password is the secret `groundwork:traceStorePassword`."""

    tls: bool = True
    """Whether Cassandra or a remote backend is spoken to over TLS. An address says so by its scheme."""

    @field_validator("endpoints")
    @classmethod
    def _are_what_the_protocol_wants(cls, endpoints: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        searched = info.data.get("kind") in ("opensearch", "elasticsearch")
        if "kind" in info.data and any(("://" in endpoint) is not searched for endpoint in endpoints):
            wanted = "https://host:port" if searched else "host:port without a scheme"
            raise ValueError(f"expected {wanted} for {info.data['kind']}")
        if info.data.get("kind") == "remote" and len(endpoints) > 1:
            raise ValueError("a remote backend has one endpoint")
        return endpoints


class Traces(Model):
    """Which traces are kept, and for how long."""

    retention_days: int = Field(default=7, ge=1, le=90)
    """Days that traces are kept, longer where a workload asks for it."""

    storage_gib: int = Field(default=20, ge=1, le=16384)
    """Size of Jaeger's volume in GiB; unused where `store` names another place."""

    sampled_percent: int = Field(ge=0, le=100)
    """Share of the traces that are kept beside those with an error or slower than `slow_ms`. By environment: dev 100,
    staging 50, prod 10."""

    slow_ms: int = Field(default=1000, ge=1, le=600_000)
    """Milliseconds from which a trace counts as slow and is kept."""

    store: TraceStore | None = None
    """Where traces are kept instead of on a volume, which is deleted with what is on it."""


class Mute(Model):
    """A window of every week in which alerts of some severities are told to nobody."""

    name: Name
    days: Annotated[tuple[Day, ...], Distinct] = Field(min_length=1)
    """Days on which the window begins."""

    start: TimeOfDay = "00:00"
    """When it begins."""

    end: EndOfWindow = "24:00"
    """When it ends; at or before `start` it ends on the next day. `24:00` is the end of the day itself."""

    timezone: TimeZone = "UTC"
    """Time zone of both, by its name in the IANA database."""

    severities: Annotated[tuple[Severity, ...], Distinct] = ("warning", "info")
    """Which alerts are mute."""


Channel = Literal["pagerduty", "slack", "email", "webhook"]
Component = Literal[
    "alloy", "application", "certificates", "cluster", "control-plane", "dapr", "database", "dns", "grafana", "jaeger",
    "kong", "kubernetes", "loki", "messaging", "monitoring", "network", "nodes", "otel-collector",
    "prometheus-operator", "slo", "velero", "volumes", "websocket",
]  # fmt: skip
"""What alerts are about: their label `component`."""


class AlertRoute(Model):
    """Alerts about some components, told on other channels than those of their severity."""

    components: Annotated[tuple[Component, ...], Distinct] = Field(min_length=1)
    """What the alerts are about."""

    severities: Annotated[tuple[Severity, ...], Distinct] = ("critical", "warning", "info")
    """Which of these alerts go this way."""

    channels: Annotated[tuple[Channel, ...], Distinct] = Field(min_length=1)
    """Where they are told. Each needs its credential."""


class Alerts(Model):
    """How alerts reach people. Receivers are configured by their credentials (see the guide)."""

    runbooks: HttpsUrl = "https://github.com/groundwork-platform/groundwork/blob/main"
    """Where the repository's files can be read: what stands before `docs/runbooks/...` in the link of an alert."""

    routes: tuple[AlertRoute, ...] = ()
    """Components whose alerts go to other channels than those of their severity. The first that fits counts."""

    mute: tuple[Mute, ...] = ()
    """Windows in which alerts are mute."""

    @field_validator("mute")
    @classmethod
    def _names_are_distinct(cls, mute: tuple[Mute, ...]) -> tuple[Mute, ...]:
        names = [window.name for window in mute]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} more than once")
        return mute


class Oidc(Model):
    """The identity provider whose users open the monitoring host. Its secret is `groundwork:oidcClientSecret`."""

    issuer: HttpsUrl
    """Issuer of the tokens; `/.well-known/openid-configuration` below it describes the provider."""

    client_id: Annotated[str, form(r"[^\s]{1,256}", "the identifier of the client, without spaces")]
    """Identifier of the client that the provider knows the monitoring host by."""

    jwks_url: HttpsUrl
    """Where the provider publishes its keys: `jwks_uri` of that description. Grafana checks tokens by them."""

    scopes: Annotated[tuple[Scope, ...], Distinct] = ("openid", "email", "profile")
    """What is asked for. Some providers want one more before they tell groups (`groups`), or give a token that renews a
    session (`offline_access`); others refuse scopes that they do not know."""

    groups: Annotated[tuple[str, ...], Distinct] = ()
    """Groups (claim `groups`) whose members may enter; everybody of `email_domains`, if none is named."""

    admin_groups: Annotated[tuple[str, ...], Distinct] = ()
    """Groups whose members administer Grafana; others only read."""

    email_domains: Annotated[tuple[EmailDomain, ...], Distinct] = Field(default=(), validate_default=True)
    """Domains of the e-mail addresses of those who may enter; any, if none is named."""

    @field_validator("email_domains")
    @classmethod
    def _somebody_is_named(cls, domains: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not domains and not info.data.get("groups", True):
            raise ValueError("missing; name email_domains or groups, or every user of the issuer could enter")
        return domains


class Monitoring(Model):
    """The host `monitoring.<domain>`, which shows metrics, logs, traces and alerts."""

    oidc: Oidc | None = None
    """Who logs in there; a generated administrator alone, if not given."""
