"""Inputs as a program gives them: none of these may lead to a finding."""

import pytest

from tests.contract import plain_azure_oracle, plain_google, plain_kubernetes

PLAIN = [*plain_google.PLAIN, *plain_kubernetes.PLAIN, *plain_azure_oracle.PLAIN]


@pytest.mark.parametrize(("token", "inputs"), PLAIN, ids=[token for token, _ in PLAIN])
def test_inputs_as_a_program_gives_them_lead_to_no_finding(report, token, inputs):
    assert report(token, inputs) == []
