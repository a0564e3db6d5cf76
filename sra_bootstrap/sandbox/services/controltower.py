"""AWS Control Tower: whether a landing zone exists; moto lacks the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sra_bootstrap.sandbox.extension import Call, add_service, operation

add_service("controltower")


@dataclass
class ControlTower:
    """The landing zones of one account in its home region: ARNs."""

    landing_zones: list[str] = field(default_factory=list)


@operation("controltower", "ListLandingZones")
def list_landing_zones(call: Call, **_: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/controltower/latest/APIReference/API_ListLandingZones.html."""
    return {"landingZones": [{"arn": arn} for arn in call.state(ControlTower).landing_zones]}
