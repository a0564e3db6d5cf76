"""Faults, as AWS has them: calls that fail, answers that are lost or late, reads that lag behind writes.

`plan` says which are wanted, `carrier` sees to them. On by `Settings.faults`; off by default.
"""

from __future__ import annotations

from sra_bootstrap.sandbox.injection.plan import At, Faults, Kind
from sra_bootstrap.sandbox.injection.record import Write

__all__ = ["At", "Faults", "Kind", "Write"]
