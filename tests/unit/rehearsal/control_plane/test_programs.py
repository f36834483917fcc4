"""What programs in pods would do to the cluster."""

import base64
from typing import Any

import pytest
from cryptography import x509

from rehearsal.control_plane.programs import secrets_made_by

CERTGEN = "ghcr.io/jkroepke/kube-webhook-certgen:1.7.4"


def pod(image: str, *arguments: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "create", "namespace": "space"},
        "spec": {"containers": [{"name": "create", "image": image, "args": list(arguments)}]},
    }


def test_a_maker_of_certificates_makes_the_secret_that_it_is_told_to():
    [secret] = secrets_made_by(
        pod(CERTGEN, "create", "--host=operator,operator.space.svc", "--namespace=other", "--secret-name=admission")
    )

    assert secret["metadata"] == {"name": "admission", "namespace": "other"}
    assert sorted(secret["data"]) == ["ca", "cert", "key"]
    authority, certificate = (
        x509.load_pem_x509_certificate(base64.b64decode(secret["data"][key])) for key in ("ca", "cert")
    )
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["operator", "operator.space.svc"]


def test_keys_are_called_as_it_is_told():
    [secret] = secrets_made_by(
        pod(CERTGEN, "create", "--secret-name=s", "--cert-name=tls.crt", "--key-name=tls.key", "--ca-name=ca.crt")
    )

    assert secret["metadata"] == {"name": "s", "namespace": "space"}
    assert sorted(secret["data"]) == ["ca.crt", "tls.crt", "tls.key"]


@pytest.mark.parametrize("made", [pod(CERTGEN, "patch", "--secret-name=s"), pod("ghcr.io/acme/web:1", "create")])
def test_others_make_none(made: dict[str, Any]):
    assert list(secrets_made_by(made)) == []
