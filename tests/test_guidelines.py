"""Guidelines are Markdown, and nothing of them becomes markup but what Markdown makes."""

import pytest

from projects.guidelines import rendered
from tests.cast import photo


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**every** face", "<p><strong>every</strong> face</p>"),
        ("one\ntwo", "<p>one<br />\ntwo</p>"),
        ("# Faces\n- all\n- of them", "<h1>Faces</h1>\n<ul>\n<li>all</li>\n<li>of them</li>\n</ul>"),
        ("![good](/api/items/1/media/)", '<p><img src="/api/items/1/media/" alt="good" /></p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ("[here](javascript:alert(1))", "<p>[here](javascript:alert(1))</p>"),
        (
            "[docs](https://example.org)",
            '<p><a href="https://example.org" target="_blank" rel="noopener noreferrer">docs</a></p>',
        ),
        ("", ""),
    ],
)
def test_markdown_is_shown_and_html_is_not(written, shown):
    assert rendered(written).strip() == shown


def test_the_project_page_and_the_editor_show_it(client, db, alice, project):
    project.guidelines = "Label **every** <b>face</b>."
    project.save()
    item = photo(project, alice)
    client.force_login(alice)

    for page in (f"/projects/{project.pk}/", f"/projects/{project.pk}/items/{item.pk}/"):
        html = client.get(page).content.decode()
        assert "strong" in html and "every" in html
        assert "<b>face</b>" not in html
