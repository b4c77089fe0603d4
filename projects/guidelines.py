"""Guidelines as people write them, in Markdown, and as pages show them."""

import re
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

OWN = re.compile(r"/api/(examples/\d+|items/\d+/(media|thumbnail))/")
SHORT = 10_000  # characters

# By the CommonMark standard with tables. HTML in it is shown as it is written, and links of scripts are none.
parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def rendered(text: str) -> SafeString:
    """Safe HTML: whatever the text holds, nothing of it becomes markup but what Markdown makes.

    Every page of a project shows the same, and long ones take half a second. There are many short ones, of labels.
    """
    return rendered_short(text) if len(text) <= SHORT else rendered_long(text)


def made(text: str) -> SafeString:
    return mark_safe(parser.render(text))  # noqa: S308


rendered_short = lru_cache(maxsize=1_000)(made)
rendered_long = lru_cache(maxsize=64)(made)


def link(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """Out of the editor nobody is led away from unsaved work: links open beside it."""
    tokens[place].attrSet("target", "_blank")
    tokens[place].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, place, options, env)


def image(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """Only what this server keeps for its members; a picture elsewhere is a link, which one may follow or not."""
    token = tokens[place]
    source = str(token.attrGet("src"))
    if OWN.fullmatch(source):
        token.attrSet("loading", "lazy")
        return renderer.image(tokens, place, options, env)
    name = renderer.renderInlineAsText(token.children, options, env) or source
    return f'<a href="{escape(source)}" target="_blank" rel="noopener noreferrer">{escape(name)}</a>'


parser.add_render_rule("link_open", link)
parser.add_render_rule("image", image)
