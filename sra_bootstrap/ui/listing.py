"""The steps themselves: the pipeline as a table, and all there is to say of one of them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Iterable, Iterator

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sra_bootstrap.step import AnyStep
from sra_bootstrap.ui.rows import row


def pipeline(steps: Iterable[AnyStep]) -> Table:
    """The steps in the order they come in: what each is, what it stands on, and whether config.yaml enables it."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("#", justify="right")
    table.add_column("Step", no_wrap=True)
    table.add_column("Enabled")
    table.add_column("Stands on")
    table.add_column("What it is")
    for number, step in enumerate(steps, start=1):
        enabled = step.config.enabled
        cells = (str(number), step.id, "yes" if enabled else "no", ", ".join(step.after) or "-", _summary(type(step)))
        table.add_row(*map(Text, cells), style="" if enabled else "dim")
    return table


def explanation(step: type[AnyStep]) -> RenderableType:
    """What a step is, how it is built, what it takes, what it costs and what of it cannot be undone."""
    heading, *paragraphs = _paragraphs(step)
    parts: list[RenderableType] = [Text.assemble((step.id, "bold"), f"  {heading}"), Text()]
    for paragraph in paragraphs:
        parts += [Text(paragraph), Text()]
    for title, lines in _sections(step):
        parts += [Text(title, style="bold"), *(row("-", "dim", Text(line)) for line in lines), Text()]
    return Group(*parts, Text("In config.yaml", style="bold"), Padding.indent(_settings(step), 2))


def _sections(step: type[AnyStep]) -> Iterator[tuple[str, Collection[str]]]:
    sections: tuple[tuple[str, Collection[str]], ...] = (
        ("Stands on", step.after),
        ("Design considerations", step.considerations),
        ("Costs", (step.costs,)),
        ("Cannot be undone", (step.irreversible,) if step.irreversible else ()),
        ("Confirmed by the name of the step before it is made", sorted(step.confirm_by_name)),
        ("Kept when destroyed", [f"{kind}: {why}" for kind, why in step.kept.items()]),
        ("Takes trusted access for", (*step.trusted_access, *step.own_access)),
        ("Takes the policy types", step.policy_types),
        ("Administered by the security tooling account, as registered by AWS Organizations", step.delegates),
        ("Made in the home region first, then in all others", sorted(step.home_first)),
        ("Permissions to plan", sorted(step.reads)),
        ("Permissions to apply, beyond those", sorted(step.writes)),
        ("Permissions that AWS checks beyond the calls that are made", sorted(step.implied)),
        ("Documentation", step.documentation),
    )
    return ((title, lines) for title, lines in sections if lines)


def _settings(step: type[AnyStep]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_row(Text(f"{step.id}:"))
    for setting, description in _fields(step.Config, "  "):
        table.add_row(Text(setting), Text(description, style="dim"))
    return table


def _fields(config: type[BaseModel], indent: str) -> Iterator[tuple[str, str]]:
    """The settings of a section as lines of YAML with their defaults, and what they mean."""
    for name, field in config.model_fields.items():
        default = field.get_default(call_default_factory=True)
        description = field.description or ""
        if isinstance(default, BaseModel):
            yield f"{indent}{name}:", description
            yield from _fields(type(default), f"{indent}  ")
        else:
            # JSON is YAML.
            value = "(required)" if default is PydanticUndefined else json.dumps(to_jsonable_python(default))
            yield f"{indent}{name}: {value}", description


def _summary(step: type[AnyStep]) -> str:
    return _paragraphs(step)[0]


def _paragraphs(step: type[AnyStep]) -> list[str]:
    """The docstring of a step, whose lines are broken where its source was full."""
    return [" ".join(paragraph.split()) for paragraph in inspect.cleandoc(step.__doc__ or step.id).split("\n\n")]
