"""Keys and certificates that the rehearsal makes as pulumi-tls would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from rehearsal.providers.inventory import Inventory
from rehearsal.providers.packages import provider_of
from rehearsal.providers.tls.certificates import USES
from rehearsal.providers.tls.provider import CERT_REQUEST, LOCALLY_SIGNED, PRIVATE_KEY, SELF_SIGNED, TlsProvider
from rehearsal.providers.wire import UNKNOWN, Secret
from tests.unit.rehearsal.providers.fake_engine import Engine, Refused, State

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
YEAR = 8766
AUTHORITY = {"isCaCertificate": True, "allowedUses": ["cert_signing", "crl_signing"], "validityPeriodHours": 10 * YEAR}
LEAF = {"allowedUses": ["digital_signature", "server_auth"], "validityPeriodHours": YEAR}


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tls(clock: Clock) -> Engine:
    return Engine(TlsProvider(clock))


def key(tls: Engine, **inputs: Any) -> Secret:
    made = tls.create(PRIVATE_KEY, "key", **({"algorithm": "ECDSA", "ecdsaCurve": "P256"} | inputs))
    return made["privateKeyPem"]


def root(tls: Engine, **inputs: Any) -> tuple[Secret, State]:
    pem = key(tls)
    given = {**AUTHORITY, "privateKeyPem": pem, "subject": {"commonName": "root"}, "maxPathLength": 1, **inputs}
    return pem, tls.create(SELF_SIGNED, "root", **given)


def signed(tls: Engine, **inputs: Any) -> State:
    authority, certificate = root(tls)
    request = tls.create(CERT_REQUEST, "csr", privateKeyPem=key(tls), subject={"organization": "o"}, dnsNames=["a.b"])
    given = {
        **LEAF,
        "caPrivateKeyPem": authority,
        "caCertPem": certificate["certPem"],
        "certRequestPem": request["certRequestPem"],
    }
    return tls.create(LOCALLY_SIGNED, "leaf", **(given | inputs))


def certificate(state: State) -> x509.Certificate:
    return x509.load_pem_x509_certificate(state["certPem"].encode())


def extension(state: State, kind: type[Any]) -> Any:
    return certificate(state).extensions.get_extension_for_class(kind).value


@pytest.mark.parametrize(
    ("inputs", "kind", "begins"),
    [
        ({"algorithm": "RSA"}, rsa.RSAPrivateKey, "-----BEGIN RSA PRIVATE KEY-----"),
        ({"algorithm": "ECDSA"}, ec.EllipticCurvePrivateKey, "-----BEGIN EC PRIVATE KEY-----"),
        ({"algorithm": "ED25519"}, ed25519.Ed25519PrivateKey, "-----BEGIN PRIVATE KEY-----"),
    ],
)
def test_a_key_is_real_and_its_private_forms_are_secret(tls: Engine, inputs: Any, kind: type, begins: str) -> None:
    made = tls.create(PRIVATE_KEY, "key", **inputs)

    for form in ("privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"):
        assert isinstance(made[form], Secret)
    assert made["privateKeyPem"].value.startswith(begins)
    private = serialization.load_pem_private_key(made["privateKeyPem"].value.encode(), None)
    assert isinstance(private, kind)
    assert private.public_key() == serialization.load_pem_public_key(made["publicKeyPem"].encode())


@pytest.mark.parametrize(("curve", "bits"), [("P224", 224), ("P256", 256), ("P384", 384), ("P521", 521)])
def test_a_key_has_the_curve_that_is_asked_for(tls: Engine, curve: str, bits: int) -> None:
    private: Any = serialization.load_pem_private_key(key(tls, ecdsaCurve=curve).value.encode(), None)

    assert private.curve.key_size == bits


def test_a_key_has_the_providers_defaults(tls: Engine) -> None:
    made = tls.create(PRIVATE_KEY, "key", algorithm="ED25519")

    assert (made["rsaBits"], made["ecdsaCurve"]) == (2048, "P224")
    assert made["publicKeyOpenssh"].startswith("ssh-ed25519 ")
    assert made["publicKeyFingerprintSha256"].startswith("SHA256:")
    assert len(made["publicKeyFingerprintMd5"]) == 47


def test_ssh_knows_no_curve_p224(tls: Engine) -> None:
    made = tls.create(PRIVATE_KEY, "key", algorithm="ECDSA")

    assert (made["publicKeyOpenssh"], made["privateKeyOpenssh"].value) == ("", "")


def test_a_preview_makes_nothing(tls: Engine) -> None:
    assert tls.preview(PRIVATE_KEY, "key", algorithm="RSA")["privateKeyPem"] is UNKNOWN
    assert tls.preview(SELF_SIGNED, "root", privateKeyPem=UNKNOWN, **AUTHORITY)["certPem"] is UNKNOWN


def test_every_change_of_a_key_makes_another(tls: Engine) -> None:
    made = tls.create(PRIVATE_KEY, "key", algorithm="ECDSA", ecdsaCurve="P256")

    assert tls.diff(made, algorithm="ECDSA", ecdsaCurve="P384").replaces == ["ecdsaCurve"]
    assert not tls.diff(made, algorithm="ECDSA", ecdsaCurve="P256", rsaBits=2048).changes
    assert tls.read(made) == made


def test_a_root_signs_itself_and_is_an_authority(tls: Engine) -> None:
    _, made = root(tls)

    own = certificate(made)
    own.verify_directly_issued_by(own)
    assert extension(made, x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=1)
    usage = extension(made, x509.KeyUsage)
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    assert own.not_valid_after_utc == NOW + timedelta(hours=10 * YEAR)
    assert made["validityEndTime"] == "2036-11-22T00:00:00Z"
    assert (made["readyForRenewal"], made["keyAlgorithm"], made["setAuthorityKeyId"]) == (False, "ECDSA", False)
    assert made.id == str(own.serial_number)


def test_a_path_length_of_zero_is_not_written(tls: Engine) -> None:
    _, made = root(tls, maxPathLength=0)

    assert extension(made, x509.BasicConstraints).path_length is None


def test_a_certificate_is_signed_by_its_authority_for_what_was_requested(tls: Engine) -> None:
    authority, above = root(tls)
    request = tls.create(
        CERT_REQUEST,
        "csr",
        privateKeyPem=key(tls, ecdsaCurve="P384"),
        subject={"organization": "o", "commonName": "c", "streetAddresses": ["one", "two"]},
        dnsNames=["a.b"],
        ipAddresses=["10.0.0.1"],
        uris=["spiffe://a/b"],
    )
    made = tls.create(
        LOCALLY_SIGNED,
        "leaf",
        **LEAF,
        caPrivateKeyPem=authority,
        caCertPem=above["certPem"],
        certRequestPem=request["certRequestPem"],
    )

    own = certificate(made)
    own.verify_directly_issued_by(certificate(above))
    assert own.subject.rfc4514_string() == "CN=c,STREET=two,STREET=one,O=o"
    names = extension(made, x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == ["a.b"]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://a/b"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]
    assert extension(made, x509.BasicConstraints) == x509.BasicConstraints(ca=False, path_length=None)
    usage = extension(made, x509.ExtendedKeyUsage)
    assert list(usage) == [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]
    above_key = extension(above, x509.SubjectKeyIdentifier).digest
    assert extension(made, x509.AuthorityKeyIdentifier).key_identifier == above_key
    assert made["caKeyAlgorithm"] == "ECDSA"
    assert isinstance(made["caPrivateKeyPem"], Secret)


@pytest.mark.parametrize("use", USES)
def test_every_use_can_be_allowed(tls: Engine, use: str) -> None:
    uses = [use, "key_agreement"] if use.endswith("_only") else [use]

    assert certificate(signed(tls, allowedUses=uses)).version is x509.Version.v3


def test_a_certificate_is_made_anew_once_its_time_to_be_renewed_has_come(tls: Engine, clock: Clock) -> None:
    made = signed(tls, earlyRenewalHours=90 * 24)
    inputs = dict(made.inputs)

    clock.now = NOW + timedelta(hours=YEAR) - timedelta(days=90, seconds=1)
    assert not tls.diff(made, **inputs).changes
    assert tls.read(made)["readyForRenewal"] is False

    clock.now += timedelta(seconds=1)
    assert tls.diff(made, **inputs).replaces == ["readyForRenewal"]
    assert tls.read(made)["readyForRenewal"] is True


def test_another_time_to_be_renewed_changes_in_place(tls: Engine) -> None:
    made = signed(tls)
    plan = tls.diff(made, **{**made.inputs, "earlyRenewalHours": 24})

    assert (plan.changes, plan.replaces) == (True, [])
    assert tls.update(made, **{**made.inputs, "earlyRenewalHours": 24})["earlyRenewalHours"] == 24


def test_a_length_that_is_no_longer_asked_for_stays(tls: Engine) -> None:
    _, made = root(tls)

    assert not tls.diff(made, **{name: value for name, value in made.inputs.items() if name != "maxPathLength"}).changes
    assert tls.diff(made, **{**made.inputs, "maxPathLength": 2}).replaces == ["maxPathLength"]


def test_a_key_that_is_only_written_is_in_no_state_and_changes_with_its_version(tls: Engine) -> None:
    _, above = root(tls)
    inputs = {**AUTHORITY, "subject": {"commonName": "c"}, "privateKeyPemWo": key(tls), "privateKeyPemWoVersion": 1}
    made = tls.create(SELF_SIGNED, "root", **inputs)

    assert "privateKeyPemWo" not in made.outputs
    assert not tls.diff(made, **{**inputs, "privateKeyPemWo": above["privateKeyPem"]}).changes
    assert tls.diff(made, **{**inputs, "privateKeyPemWoVersion": 2}).replaces == ["privateKeyPemWoVersion"]


@pytest.mark.parametrize(
    ("resource_type", "inputs", "failure"),
    [
        (
            PRIVATE_KEY,
            {"algorithm": "DSA"},
            ("algorithm", 'Attribute algorithm value must be one of: ["RSA" "ECDSA" "ED25519"], got: "DSA"'),
        ),
        (
            PRIVATE_KEY,
            {"algorithm": "ECDSA", "ecdsaCurve": "P-256"},
            ("ecdsaCurve", 'Attribute ecdsaCurve value must be one of: ["P224" "P256" "P384" "P521"], got: "P-256"'),
        ),
        (
            SELF_SIGNED,
            {**AUTHORITY, "privateKeyPem": "k", "validityPeriodHours": -1},
            ("validityPeriodHours", "Attribute validityPeriodHours value must be at least 0, got: -1"),
        ),
        (
            SELF_SIGNED,
            {**AUTHORITY, "privateKeyPem": "k", "maxPathLength": -2},
            ("maxPathLength", "Attribute maxPathLength value must be at least -1, got: -2"),
        ),
        (CERT_REQUEST, {}, ("privateKeyPem", "Exactly one of privateKeyPem and privateKeyPemWo must be set")),
        (
            CERT_REQUEST,
            {"privateKeyPemWo": "k"},
            ("privateKeyPemWo", "privateKeyPemWo wants privateKeyPemWoVersion, which says when it changed"),
        ),
        (CERT_REQUEST, {"privateKeyPem": " "}, ("privateKeyPem", "privateKeyPem is empty")),
    ],
)
def test_what_can_never_be_is_refused_before_anything_is_made(
    tls: Engine, resource_type: str, inputs: Any, failure: tuple[str, str]
) -> None:
    assert tls.failures(resource_type, "one", inputs) == [failure]


def test_a_use_that_there_is_not_is_refused_with_those_that_there_are(tls: Engine) -> None:
    [(place, reason)] = tls.failures(LOCALLY_SIGNED, "leaf", {**LEAF, "caPrivateKeyPem": "k", "allowedUses": ["sign"]})

    assert place == "allowedUses"
    assert '"any_extended" "cert_signing" "client_auth"' in reason


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"subject": {}}, "Must contain at least one Distinguished Name when creating Certificate Authority"),
        ({"isCaCertificate": False}, "only CAs are allowed to specify MaxPathLen"),
        (
            {"isCaCertificate": False, "maxPathLength": -1, "setAuthorityKeyId": True},
            "Could not determine Authority Key Identifier",
        ),
        ({"privateKeyPem": "nonsense"}, "Failed to parse private key PEM"),
        ({"ipAddresses": ["10.0.0"]}, 'Invalid IP address: Failed to parse "10.0.0"'),
        ({"subject": {"country": "Germany"}}, "Invalid Certificate Subject: country"),
    ],
)
def test_a_certificate_that_cannot_be_made_is_refused(tls: Engine, inputs: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        root(tls, **inputs)


def test_nobody_signs_with_a_key_that_is_not_the_authoritys(tls: Engine) -> None:
    with pytest.raises(Refused, match="provided PrivateKey doesn't match parent's PublicKey"):
        signed(tls, caPrivateKeyPem=key(tls))


@pytest.mark.parametrize("given", ["caCertPem", "certRequestPem"])
def test_what_is_no_certificate_signs_and_asks_for_nothing(tls: Engine, given: str) -> None:
    with pytest.raises(Refused, match=r"Failed to parse (CA certificate|certificate request) PEM"):
        signed(tls, **{given: "nonsense"})


def test_a_key_of_1023_bits_is_refused(tls: Engine) -> None:
    with pytest.raises(Refused, match="1023-bit keys are insecure"):
        tls.create(PRIVATE_KEY, "key", algorithm="RSA", rsaBits=1023)


def test_other_types_fail_by_name(tls: Engine) -> None:
    with pytest.raises(Refused, match="does not know tls:index/mystery:Mystery"):
        tls.create("tls:index/mystery:Mystery", "one")
    with pytest.raises(Refused, match="no answer for the function tls:index/getCertificate:getCertificate"):
        tls.invoke("tls:index/getCertificate:getCertificate")


def test_keys_and_certificates_are_in_no_inventory(inventory: Inventory) -> None:
    made = Engine(provider_of("tls", inventory)).create(PRIVATE_KEY, "key", algorithm="ECDSA")

    assert made.id
    assert inventory.list() == []
