"""Certificates of control planes."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509

from rehearsal.control_plane import trust


def test_an_authority_is_made_once(tmp_path: Path):
    made = trust.authority(tmp_path, "authority")
    text = made.certificate.read_text()

    again = trust.authority(tmp_path, "authority")

    assert again.certificate.read_text() == text
    assert again.key.stat().st_mode & 0o777 == 0o600


def test_a_server_is_certified_for_its_names_and_addresses(tmp_path: Path):
    by = trust.authority(tmp_path, "authority")
    trust.issue(by, tmp_path / "server.pem", tmp_path / "server.key", ["127.0.0.1", "localhost"])

    certificate = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    authority = x509.load_pem_x509_certificate(by.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    certificate.verify_directly_issued_by(authority)
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_the_bundle_holds_what_the_machine_trusts_and_our_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other = trust.authority(tmp_path / "machine", "machine")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate))

    bundle = trust.trust_bundle(tmp_path / "rehearsal")

    context = ssl.create_default_context(cafile=bundle)
    assert [one["subject"] for one in context.get_ca_certs()] == [
        ((("commonName", "machine"),),),
        ((("commonName", "public-authority"),),),
    ]


def test_the_bundle_does_not_grow_when_it_is_what_the_machine_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bundle = trust.trust_bundle(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))

    assert trust.trust_bundle(tmp_path).read_text().count("BEGIN CERTIFICATE") == 1
