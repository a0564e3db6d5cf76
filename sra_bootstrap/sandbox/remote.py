"""A sandbox that another process serves: its settings and its record, over the paths of `control`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import to_jsonable_python

from sra_bootstrap.sandbox.control import PREFIX
from sra_bootstrap.sandbox.injection import Write


@dataclass(frozen=True)
class Remote:
    """The sandbox at an address, such as `http://127.0.0.1:5000`."""

    url: str

    def set(self, **fields: Any) -> None:
        """Set fields of its `Settings`.

        Raises:
            ValueError: one is unknown, or has a wrong value.
        """
        self._ask("POST", "settings", fields)

    def settings(self) -> dict[str, Any]:
        """Its settings, as JSON has them."""
        settings: dict[str, Any] = self._ask("GET", "settings")
        return settings

    def injected(self) -> dict[str, int]:
        """How many faults there were since the reset, by kind."""
        injected: dict[str, int] = self._ask("GET", "injected")
        return injected

    def writes(self) -> list[Write]:
        """Every write that took effect since the reset, in order, whether or not its answer arrived."""
        return [Write(**write) for write in self._ask("GET", "writes")]

    def enable_identity_center(self, region: str) -> None:
        """Enable IAM Identity Center for the organization, as a person does in the console.

        Raises:
            ValueError: there is no organization.
        """
        self._ask("POST", "identity-center", {"region": region})

    def reset(self) -> None:
        """Begin with a bare management account, again; the settings stay."""
        self._ask("POST", "reset")

    def _ask(self, method: str, name: str, body: Any = None) -> Any:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(
                method, f"{PREFIX}/{name}", None if body is None else json.dumps(to_jsonable_python(body))
            )
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"])
        return answer
