"""What others do to keys of logs: `LIFE`."""

from __future__ import annotations

import json

from sra_bootstrap.model import MANAGEMENT
from steps.common import keys
from tests.steps.by_hand import Life
from tests.world import World


def before(world: World) -> None:
    """Make a key in the management account that has no alias, as one that was made by halves has none."""
    world.client("kms", MANAGEMENT, world.regions[0]).create_key()


def drift(world: World) -> None:
    """Change all that can be changed of every key, and disable it."""
    org = world.arrive()
    for key, at in ((one, at) for one in keys.needed(org) for at in one.places(org)):
        kms = world.client("kms", at.account, at.region)
        key_id = kms.describe_key(KeyId=keys.alias_of(key, org))["KeyMetadata"]["KeyId"]
        document = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
        kept = {**document, "Statement": document["Statement"][:1]}
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(kept))
        kms.disable_key_rotation(KeyId=key_id)
        kms.disable_key(KeyId=key_id)


LIFE = Life(before=before, drift=drift)
