"""What sidecars trust, as it ages: the issuer is renewed in time, a root gives way to another, and no key is shown."""

import base64
import json
from typing import Any

from cryptography import x509

from rehearsal.state import checkpoint
from tests.engine.rehearsals import Rehearsal
from tests.engine.test_secrets import files_with

ISSUER = "tls:index/locallySignedCert:LocallySignedCert"
KEY = "tls:index/privateKey:PrivateKey"
RELEASE = "dapr-release"
SAYS_WHEN_IT_ENDS = "dapr-root-expiry"


def outputs(stack: Rehearsal, resource_type: str) -> dict[str, Any]:
    """Outputs of every resource of a type, by its name, secrets shown."""
    found = stack.export("--show-secrets")["resources"]
    return {one["urn"].rpartition("::")[2]: one["outputs"] for one in found if one["type"] == resource_type}


def age(stack: Rehearsal, end: str) -> None:
    """Lets the issuer end at another moment, as far as the state knows."""
    file = checkpoint(stack.places.state, "groundwork", stack.stack)
    state = json.loads(file.read_text())
    (issuer,) = [one for one in state["checkpoint"]["latest"]["resources"] if one["type"] == ISSUER]
    issuer["outputs"]["validityEndTime"] = end
    file.write_text(json.dumps(state))


def test_an_up_renews_an_issuer_that_ends_within_ninety_days_and_nothing_restarts(up_gke_dev: Rehearsal):
    age(up_gke_dev, "2026-01-01T00:00:00Z")

    renewed = up_gke_dev.up("--skip-preview")
    again = up_gke_dev.up("--skip-preview")

    assert renewed.touched() == {
        ("create-replacement", "dapr-root-issuer"),
        ("replace", "dapr-root-issuer"),
        ("delete-replaced", "dapr-root-issuer"),
        ("update", RELEASE),
    }
    assert again.touched() == set()


def test_a_root_gives_way_to_another_and_is_trusted_until_the_end(up_gke_dev: Rehearsal):
    trusting, signing, alone = (
        up_gke_dev.with_settings({"dapr.roots": roots}).up("--skip-preview") for roots in ([1, 2], [2, 1], [2])
    )

    assert trusting.touched() == {
        ("create", "dapr-root-2"),
        ("create", "dapr-root-2-key"),
        ("update", SAYS_WHEN_IT_ENDS),
        ("update", RELEASE),
    }
    assert signing.touched() == {
        ("create-replacement", "dapr-root-issuer"),
        ("replace", "dapr-root-issuer"),
        ("delete-replaced", "dapr-root-issuer"),
        ("update", RELEASE),
    }
    assert alone.touched() == {
        ("delete", "dapr-root-1"),
        ("delete", "dapr-root-1-key"),
        ("update", SAYS_WHEN_IT_ENDS),
        ("update", RELEASE),
    }
    (root,) = outputs(up_gke_dev, "tls:index/selfSignedCert:SelfSignedCert").values()
    (issuer,) = outputs(up_gke_dev, ISSUER).values()
    authority, signed = (x509.load_pem_x509_certificate(one["certPem"].encode()) for one in (root, issuer))
    signed.verify_directly_issued_by(authority)


def test_no_key_is_found_anywhere(up_gke_dev: Rehearsal):
    found = outputs(up_gke_dev, KEY)
    runs = [up_gke_dev.preview("--diff"), up_gke_dev.refresh("--diff")]

    assert found.keys() >= {"dapr-root-1-key", "dapr-root-issuer-key"}
    for one in found.values():
        pem = json.loads(one["privateKeyPem"]["plaintext"])
        line = pem.splitlines()[1]
        assert len(base64.b64decode(line)) == 48
        assert files_with(line, up_gke_dev.places.home) == []
        assert all(line not in run.stdout + run.stderr + json.dumps(run.events) for run in runs)
