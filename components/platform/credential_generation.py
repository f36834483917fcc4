"""What tells pods of one credential from those of the next, and nothing of the credential."""

import hashlib
import json

import pulumi


def generation(credential: pulumi.Input[str], random: pulumi.Input[str]) -> pulumi.Output[str]:
    """Differs from that of every other pair. The random one, generated and kept secret, keeps the other from being
    guessed by it.
    """
    digest = pulumi.Output.all(credential, random).apply(
        lambda secrets: hashlib.sha256(json.dumps(secrets).encode()).hexdigest()[:16]
    )
    return pulumi.Output.unsecret(digest)
