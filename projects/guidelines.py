"""Guidelines as people write them, in Markdown, and as pages show them."""

from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# By the CommonMark standard with tables. HTML in it is shown as it is written, and links of scripts are none.
parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def rendered(text: str) -> SafeString:
    """Safe HTML: whatever the text holds, nothing of it becomes markup but what Markdown makes."""
    return mark_safe(parser.render(text))  # noqa: S308


def link(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """Out of the editor nobody is led away from unsaved work: links open beside it."""
    tokens[place].attrSet("target", "_blank")
    tokens[place].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, place, options, env)


parser.add_render_rule("link_open", link)
