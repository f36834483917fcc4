"""Inputs of keys and certificates against their table."""

import json

from contract_check.tables import FOLDER

from rehearsal.providers.tls.certificates import USES
from rehearsal.providers.tls.keys import ALGORITHMS, CURVES

KEY = "tls:index/privateKey:PrivateKey"
ROOT = "tls:index/selfSignedCert:SelfSignedCert"
TABLE = json.loads((FOLDER / "tls.json").read_text())


def root(**changes):
    return {"privateKeyPem": "k", "allowedUses": ["cert_signing"], "validityPeriodHours": 1, **changes}


def test_a_use_that_there_is_not_is_reported_with_the_one_that_was_meant(report):
    (found,) = report(ROOT, root(allowedUses=["cert_sining"]))

    assert found.startswith('allowedUses[0]: "cert_sining" is not one of ')
    assert found.endswith('did you mean "cert_signing"?')


def test_a_certificate_does_not_end_before_it_begins(report):
    assert report(ROOT, root(validityPeriodHours=-1)) == ["validityPeriodHours: -1 is below the minimum of 0"]


def test_a_misspelt_part_of_a_subject_is_reported(report):
    found = report(ROOT, root(subject={"organisation": "o"}))

    assert found == ['subject.organisation: subject has no such property; did you mean "organization"?']


def test_a_curve_that_the_provider_calls_otherwise_is_reported(report):
    (found,) = report(KEY, {"algorithm": "ECDSA", "ecdsaCurve": "P-256"})

    assert found.startswith('ecdsaCurve: "P-256" is not one of P224, P256, P384, P521')


def test_the_check_and_the_rehearsal_know_the_same_values():
    assert sorted(TABLE[ROOT]["values"]["allowedUses"]) == USES
    assert TABLE[KEY]["values"] == {"algorithm": list(ALGORITHMS), "ecdsaCurve": list(CURVES)}
