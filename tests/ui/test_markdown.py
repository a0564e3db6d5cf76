from __future__ import annotations

import re
from html import unescape

import pytest
from markdown_it import MarkdownIt

from sra_bootstrap.ui.escaping import code, prose
from sra_bootstrap.ui.markdown import markdown
from tests.ui import plans
from tests.ui.snapshots import matches

DIGEST = "0123456789abcdef" * 4
RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@pytest.mark.parametrize("name", ["EMPTY", "FIRST", "UPDATES", "BLOCKED", "DESTROY", "HOSTILE"])
def test_a_plan_is_a_comment_on_a_pull_request(name: str) -> None:
    matches(f"markdown_{name.lower()}.md", markdown(getattr(plans, name), DIGEST))


def test_the_comment_ends_with_the_command_that_applies_exactly_this() -> None:
    assert markdown(plans.FIRST, DIGEST).endswith(f"```\nsra-bootstrap apply --expect {DIGEST}\n```\n")
    assert markdown(plans.DESTROY, DIGEST).endswith(f"```\nsra-bootstrap apply --destroy --expect {DIGEST}\n```\n")


@pytest.mark.parametrize(
    "text",
    [
        *("a|b", "`a`", "<b>a</b>", "**a**", "_a_", "a_b_c", "[a](http://b)", "![a](b)", "~~a~~", "a\\|b", "\\", "a\\"),
        *("&amp;", "<!-- a", "</details>", "``", "`a|", "# a", "$a$", "a & b", "{a}", "|", "\\`", "\\\\|"),
    ],
)
@pytest.mark.parametrize("escape", [code, prose])
def test_text_in_a_cell_of_a_table_means_itself(escape: object, text: str) -> None:
    assert callable(escape)
    html = RENDERER.render(f"| a | b |\n| --- | --- |\n| {escape(text)} | x |\n")
    cells = re.findall(r"<td>(?:<code>)?(.*?)(?:</code>)?</td>", html)

    assert [unescape(cell) for cell in cells] == [text, "x"]


def test_line_breaks_do_not_break_a_table() -> None:
    assert "\n" not in code("a\nb") + prose("a\r\nb")


def test_what_is_blocked_comes_first() -> None:
    text = markdown(plans.BLOCKED, DIGEST)

    assert text.index("### Blocked") < text.index("### `accounts`")
