"""Azure's own guard of what holds data: it refuses deletes by whatever tool they come."""

import pulumi
import pulumi_azure_native as azure


def delete_lock(
    name: str, scope: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> azure.authorization.ManagementLockByScope:
    """A lock on a resource and all below it."""
    return azure.authorization.ManagementLockByScope(
        name,
        scope=scope,
        level=azure.authorization.LockLevel.CAN_NOT_DELETE,
        notes="Holds data. `protect: false` in the stack's settings takes this lock away.",
        opts=opts,
    )
