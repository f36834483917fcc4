"""What Jobs that make certificates leave behind."""

from typing import Any

import pytest

from rehearsal.control_plane.kubelet.certificate_makers import made_secrets

IMAGE = "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1"


def made(*args: str, image: str = IMAGE) -> list[tuple[str, str, list[str]]]:
    pod: dict[str, Any] = {
        "metadata": {"name": "p", "namespace": "own"},
        "spec": {"containers": [{"name": "create", "image": image, "args": list(args)}]},
    }
    return [
        (secret["metadata"]["namespace"], secret["metadata"]["name"], list(secret["data"]))
        for secret in made_secrets(pod)
    ]


@pytest.mark.parametrize(
    ("args", "secret"),
    [
        (["create", "--namespace=monitoring", "--secret-name=admission"], ("monitoring", "admission")),
        (["create", "--namespace=$(POD_NAMESPACE)", "--secret-name=admission"], ("own", "admission")),
        (["create", "--secret-name", "admission"], ("own", "admission")),
    ],
)
def test_a_certificate_is_where_the_job_is_told_to_put_it(args: list[str], secret: tuple[str, str]):
    assert made(*args) == [(*secret, ["ca", "cert", "key"])]


def test_keys_have_the_names_that_are_asked_for():
    assert made("create", "--secret-name=s", "--cert-name=tls.crt", "--key-name=tls.key") == [
        ("own", "s", ["ca", "tls.crt", "tls.key"])
    ]


def test_what_makes_no_certificate_leaves_nothing():
    assert made("patch", "--secret-name=admission") == []
    assert made("create", "--secret-name=admission", image="registry.test/app") == []
    assert made("create") == []


def test_the_operator_of_keda_makes_the_certificate_that_its_other_pods_mount() -> None:
    container = {
        "name": "keda-operator",
        "image": "ghcr.io/kedacore/keda:2.20.2",
        "args": ["--enable-cert-rotation=true", "--cert-secret-name=kedaorg-certs"],
    }

    [secret] = made_secrets({"metadata": {"namespace": "keda"}, "spec": {"containers": [container]}})

    assert secret["metadata"] == {"name": "kedaorg-certs", "namespace": "keda"}
    assert set(secret["data"]) == {"ca.crt", "ca.key", "tls.crt", "tls.key"}


def test_an_operator_whose_certificate_comes_from_elsewhere_makes_none() -> None:
    args = ["--enable-cert-rotation=false", "--cert-secret-name=kedaorg-certs"]
    container = {"name": "keda-operator", "image": "ghcr.io/kedacore/keda:2.20.2", "args": args}

    assert list(made_secrets({"metadata": {"namespace": "keda"}, "spec": {"containers": [container]}})) == []


def test_jobs_of_consul_make_the_certificate_of_its_servers_and_the_key_of_their_gossip() -> None:
    scripts = (
        "exec consul-k8s-control-plane tls-init \\\n  -days=730 \\\n  -name-prefix=consul \\\n  -dc=gke-dev",
        'exec consul-k8s-control-plane gossip-encryption-autogenerate -secret-name=gossip -secret-key="key"',
        "exec consul-k8s-control-plane server-acl-init \\\n  -bootstrap-token-secret-name=token",
    )
    containers = [{"name": "job", "command": ["/bin/sh", "-ec", script]} for script in scripts]

    found = list(made_secrets({"metadata": {"namespace": "consul"}, "spec": {"containers": containers}}))

    assert [(one["metadata"]["name"], sorted(one["data"])) for one in found] == [
        ("consul-server-cert", ["tls.crt", "tls.key"]),
        ("gossip", ["key"]),
    ]
