"""How refusals of an API server are told, and that no secret is in them."""

import base64
import json

from rehearsal.providers.kubernetes_api.refusals import refusal, without_secrets
from rehearsal.providers.wire import Secret


def test_a_missing_namespace_is_told_apart_from_other_missing_objects():
    status = {"message": 'namespaces "apps" not found', "reason": "NotFound", "details": {"kind": "namespaces"}}

    found = refusal(404, json.dumps(status))

    assert str(found) == 'namespaces "apps" not found'
    assert (found.not_found, found.namespace_missing, found.forbidden) == (True, True, False)


def test_a_conflict_is_no_object_that_is_there_already():
    assert refusal(409, '{"reason": "AlreadyExists"}').already_exists
    assert not refusal(409, '{"reason": "Conflict"}').already_exists


def test_an_answer_that_is_no_object_is_told_as_it_is():
    assert str(refusal(502, "bad gateway\n")) == "bad gateway"
    assert str(refusal(500, "")) == "the server answered 500"


def test_secrets_are_blotted_out_in_plain_text_and_in_base64():
    inputs = {"spec": {"password": Secret("hunter22")}}
    encoded = base64.b64encode(b"hunter22").decode()

    assert without_secrets(f"invalid: hunter22 and {encoded}", inputs) == "invalid: [secret] and [secret]"


def test_all_data_of_a_secret_is_secret():
    inputs = {"kind": "Secret", "stringData": {"token": "hunter22"}}

    assert without_secrets("invalid: hunter22", inputs) == "invalid: [secret]"


def test_short_texts_are_left_as_they_might_be_words():
    assert without_secrets("an API", {"a": Secret("an")}) == "an API"
