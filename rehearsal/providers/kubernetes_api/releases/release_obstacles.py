"""Why pods of a release did not become ready: Helm says only that it waited long enough."""

from rehearsal.providers.errors import CloudError
from rehearsal.providers.kubernetes_api.api import Api
from rehearsal.providers.kubernetes_api.connection import connect
from rehearsal.providers.kubernetes_api.settings import Settings

_TOLD = frozenset({"Failed", "FailedCreate", "FailedMount", "FailedScheduling", "ProvisioningFailed"})
_MOST = 4
_WAITED = ("context deadline exceeded", "timed out waiting")


def explained(reason: str, settings: Settings, namespace: str, since: str) -> str:
    """The reason with the last warnings of the namespace, where Helm's waiting came to an end.

    `since` is a time as Kubernetes writes it: what was told earlier is another release's.
    """
    if not any(words in reason for words in _WAITED):
        return reason
    try:
        api = Api(connect(settings))
        events = api.items(api.endpoint("v1", "Event"), namespace)
    except CloudError:
        return reason
    warnings = [
        str(event.get("message"))
        for event in sorted(events, key=_last)
        if event.get("type") == "Warning" and event.get("reason") in _TOLD and _last(event) >= since
    ]
    told = list(dict.fromkeys(reversed(warnings)))[:_MOST]
    return f"{reason} ({'; '.join(told)})" if told else reason


def _last(event: dict[str, str]) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")
