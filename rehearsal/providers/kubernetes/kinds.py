"""Type tokens of the kubernetes package, and what kind of object each stands for."""

from dataclasses import dataclass

from rehearsal.providers.kubernetes.tables import rules

RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class Kind:
    group: str
    version: str
    name: str

    @property
    def built_in(self) -> bool:
        return self.group in rules()["built_in_groups"]["groups"]

    @property
    def qualified(self) -> str:
        """As definitions are looked up: group and kind."""
        return f"{self.group}/{self.name}"

    @property
    def api_version(self) -> str:
        return self.version if self.group == "core" else f"{self.group}/{self.version}"

    @property
    def token(self) -> str:
        return f"kubernetes:{self.group}/{self.version}:{self.name}"

    @property
    def plural(self) -> str:
        """As the API server speaks of it in its answers."""
        lower = self.name.lower()
        plural = (
            f"{lower[:-1]}ies" if lower.endswith("y") else f"{lower}es" if lower.endswith(("s", "ss")) else f"{lower}s"
        )
        return plural if self.group == "core" else f"{plural}.{self.group}"


def kind_of(token: str) -> Kind:
    """The kind behind a token such as kubernetes:apps/v1:Deployment."""
    _, middle, name = token.split(":")
    group, _, version = middle.rpartition("/")
    return Kind(group or "core", version, name)


def replaces(token: str, configuration: dict[str, object]) -> frozenset[str]:
    """Paths whose change needs a new object."""
    entry = rules()["kinds"].get(token, {})
    found = {"metadata.name", "metadata.namespace", *entry.get("replaces", ())}
    for setting, fields in entry.get("replaces_unless", {}).items():
        if configuration.get(setting) not in (True, "true"):
            found.update(fields)
    return frozenset(found)


def immutable(token: str) -> frozenset[str]:
    """Paths that the API server refuses to change."""
    return frozenset(rules()["kinds"].get(token, {}).get("immutable", ()))
