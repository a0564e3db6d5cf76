from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process try all laws of a step, so that what it stands on is built once; and those of the whole."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.parent.name == "contract":
            parameters = item.callspec.params if hasattr(item, "callspec") else {}
            item.add_marker(pytest.mark.xdist_group(f"laws of {parameters.get('name', 'the whole')}"))
