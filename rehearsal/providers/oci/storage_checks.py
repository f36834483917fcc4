"""Buckets, and what Object Storage may do for itself: nothing that no policy lets it do."""

from typing import Final

from rehearsal.providers import paths
from rehearsal.providers.enforcement import Subject
from rehearsal.providers.errors import CloudError
from rehearsal.providers.inventory import Inventory
from rehearsal.providers.oci import policies

BUCKET: Final = "oci:ObjectStorage/bucket:Bucket"
LIFECYCLE: Final = "oci:ObjectStorage/objectLifecyclePolicy:ObjectLifecyclePolicy"


def check_bucket(subject: Subject, inventory: Inventory, region: str) -> None:
    """Source: docs.oracle.com/iaas/Content/Object/Tasks/encryption.htm: Object Storage is first let use the key."""
    key = subject.inputs.get("kmsKeyId")
    if not isinstance(key, str):
        return
    for statement in policies.statements_of(subject.account, inventory):
        mine = (statement.kind, statement.name) == ("service", f"objectstorage-{region}")
        allowed = statement.what in ("keys", "key-family") and statement.verb in ("use", "manage")
        reaches = policies.applies(statement, str(subject.inputs["compartmentId"]), "target.key.id", key)
        if mine and allowed and reaches:
            return
    raise CloudError(
        f"Error 400-KmsKeyNotAuthorized: no policy lets the service objectstorage-{region} use the key {key}"
    )


def check_lifecycle(subject: Subject, inventory: Inventory, region: str) -> None:
    """Sources: SDK docstring of target and action; docs.oracle.com/iaas/Content/Object/Tasks/
    usinglifecyclepolicies.htm (the service needs a grant); the answer in github.com/oracle/ocifs/issues/48.
    """
    names: set[str] = set()
    for rule in paths.select(subject.inputs, "rules[*]"):
        if (rule["action"] == "ABORT") != (rule.get("target", "objects") == "multipart-uploads"):
            raise CloudError("Error 400-InvalidLifecycle: ABORT is for multipart-uploads, and nothing else is for them")
        if rule["name"] in names or not str(rule["timeAmount"]).isdigit():
            raise CloudError(f"Error 400-InvalidLifecycle: the rule {rule['name']} is there twice or has no time")
        names.add(rule["name"])
    found = [
        row
        for row in inventory.list(account=subject.account, type=BUCKET, retained=False)
        if row.name == subject.inputs["bucket"] and row.inputs["namespace"] == subject.inputs["namespace"]
    ]
    if not found:
        raise CloudError(f"Error 404-BucketNotFound: there is no bucket '{subject.inputs['bucket']}'")
    service = f"objectstorage-{region}"
    for statement in policies.statements_of(subject.account, inventory):
        mine = (statement.kind, statement.name, statement.verb) == ("service", service, "manage")
        reaches = policies.applies(statement, found[0].inputs["compartmentId"], "target.bucket.name", found[0].name)
        if mine and reaches and statement.what == "object-family":
            return
    raise CloudError(
        f'Error 400-InsufficientServicePermissions: Permissions granted to the object storage service principal "'
        f'{service}" to this bucket are insufficient.'
    )
