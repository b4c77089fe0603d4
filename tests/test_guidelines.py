"""Guidelines are Markdown, and nothing of them becomes markup but what Markdown makes."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from projects import guidelines
from projects.guidelines import rendered
from projects.models import Example, Media
from projects.services import examples, items, labels, projects
from tests.cast import photo
from tests.clients import client_of
from tests.images import encoded, picture


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**every** face", "<p><strong>every</strong> face</p>"),
        ("one\ntwo", "<p>one<br />\ntwo</p>"),
        ("# Faces\n- all\n- of them", "<h1>Faces</h1>\n<ul>\n<li>all</li>\n<li>of them</li>\n</ul>"),
        ("![good](/api/examples/1/)", '<p><img src="/api/examples/1/" alt="good" loading="lazy" /></p>'),
        ("![good](/api/items/1/media/)", '<p><img src="/api/items/1/media/" alt="good" loading="lazy" /></p>'),
        *(
            (
                f"![*a* <b>]({there})",
                f'<p><a href="{there}" target="_blank" rel="noopener noreferrer">a &lt;b&gt;</a></p>',
            )
            for there in (
                "https://example.org/a.png",
                "//example.org/a.png",
                "/accounts/logout/",
                "/api/examples/1/../",
            )
        ),
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


@pytest.mark.django_db
class TestPictures:
    @pytest.fixture(autouse=True)
    def stored_here(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path

    def add(self, client, project, name="a [good] cup.png", content=None):
        file = SimpleUploadedFile(name, encoded(picture(), "PNG") if content is None else content)
        return client.post(f"/api/projects/{project.pk}/examples/", {"file": file})

    def test_a_picture_is_kept_and_shown_to_members_only(self, owner, project, vera, mallory):
        made = self.add(owner, project)
        address = made.json()["address"]

        assert made.status_code == 201
        assert made.json()["markdown"] == f"![a good cup]({address})"
        shown = client_of(vera).get(address)
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
        assert client_of(mallory).get(address).status_code == 404

    @pytest.mark.parametrize(
        ("name", "content", "code"), [("a.txt", b"words", "not_an_image"), ("a.png", b"", "empty")]
    )
    def test_what_is_no_picture_has_its_sentence(self, owner, project, name, content, code):
        answer = self.add(owner, project, name, content)

        assert (answer.status_code, answer.json()["detail"] != "") == (400, True)
        assert answer.json()["code"] in (code, "invalid")
        assert not Example.objects.exists()

    def test_a_copy_of_the_project_has_its_own_and_a_purge_takes_them(self, owner, project, alice):
        address = self.add(owner, project).json()["address"]
        text = f"Like ![this]({address}) and ![this]({address})"
        projects.change(alice, project.pk, guidelines=text)
        labels.add(alice, project.pk, name="Cup", guidelines=text)

        copy = projects.duplicate(alice, project.pk)
        own = Example.objects.get(project=copy)

        expected = text.replace(address, f"/api/examples/{own.pk}/")
        assert (copy.guidelines, copy.labels.get().guidelines) == (expected, expected)
        for one in (project, copy):
            projects.trash(alice, one.pk)
            projects.purge(alice, one.pk)
            items.collect_media()
            assert Media.objects.exists() == (one == project)

    def test_pictures_that_no_text_shows_go_after_a_day(self, owner, project, alice):
        addresses = [self.add(owner, project).json()["address"] for _ in range(4)]
        projects.change(alice, project.pk, guidelines=f"Like ![this]({addresses[0]})")
        labels.add(alice, project.pk, name="Cup", guidelines=f"Like ![this]({addresses[1]})")
        Example.objects.exclude(pk=Example.objects.last().pk).update(created_at=timezone.now() - timedelta(days=8))

        examples.forget_unused()

        left = [examples.address_of(example) for example in Example.objects.order_by("pk")]
        assert left == [addresses[0], addresses[1], addresses[3]]  # the last was added just now

    def test_a_picture_that_the_project_has_twice_comes_along_with_labels(self, owner, project, alice):
        addresses = [self.add(owner, project).json()["address"] for _ in range(2)]
        source = projects.create(alice, name="Other")
        theirs = self.add(owner, source).json()["address"]
        labels.add(alice, source.pk, name="Cup", guidelines=f"Like ![this]({theirs})")

        [copied] = labels.copy(alice, project.pk, source.pk)

        assert copied.guidelines == f"Like ![this]({addresses[0]})"


@pytest.mark.django_db
def test_a_labels_guidelines_reach_the_editor_as_safe_html(owner, alice, project):
    label = labels.add(alice, project.pk, name="Cup", guidelines="**No** <b>mugs</b>")

    told = owner.get(f"/api/labels/{label.pk}/").json()

    assert told["guidelines"] == "**No** <b>mugs</b>"
    assert told["guidelines_html"].strip() == "<p><strong>No</strong> &lt;b&gt;mugs&lt;/b&gt;</p>"


def test_guidelines_of_many_labels_become_html_once(owner, alice, project, monkeypatch):
    made = labels.add_all(alice, project.pk, [{"name": f"L{n}", "guidelines": f"All of *{n}*"} for n in range(100)])
    labels.remove(alice, made[0].pk)
    texts = []
    render = guidelines.parser.render
    monkeypatch.setattr(guidelines.parser, "render", lambda text: texts.append(text) or render(text))

    first, again = (owner.get(f"/api/projects/{project.pk}/labels/").json() for _ in range(2))

    assert first == again and "<em>99</em>" in first[99]["guidelines_html"]
    assert len(texts) == len(set(texts)) == 99  # what is removed is not shown


def test_the_project_page_and_the_editor_show_it(client, db, alice, project):
    project.guidelines = "Label **every** <b>face</b>."
    project.save()
    item = photo(project, alice)
    client.force_login(alice)

    for page in (f"/projects/{project.pk}/", f"/projects/{project.pk}/items/{item.pk}/"):
        html = client.get(page).content.decode()
        assert "strong" in html and "every" in html
        assert "<b>face</b>" not in html
