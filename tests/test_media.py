"""Uploading images and texts, and getting them back."""

import hashlib
import io
import json

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from projects import imaging, media
from projects.models import Change, Item, Media
from projects.services import items
from tests.cast import photo
from tests.images import animated, bomb, encoded, picture, turned
from tests.services import manage
from tests.waiting import until

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]

FOR_EVER = "private, max-age=31536000, immutable"


@pytest.fixture
def upload(owner, project):
    def send(**files):
        """`upload(a_png=bytes)`: the underscore stands for the dot."""
        given = [SimpleUploadedFile(name.replace("_", "."), content) for name, content in files.items()]
        return owner.post(f"/api/projects/{project.pk}/items/", {"files": given}).json()

    return send


def refusals(answer):
    return {file["name"]: file["code"] for file in answer["refused"]}


def fetch(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response, b"".join(response)


def shown(client, item):
    """What a browser gets to see."""
    response, body = fetch(client, item["media"])
    return response["Content-Type"], Image.open(io.BytesIO(body))


# Images ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_an_image_comes_back_just_as_it_was_sent(owner, upload, kind):
    sent = encoded(picture(), kind)

    (item,) = upload(photo_any=sent)["created"]
    response, body = fetch(owner, item["media"])

    assert body == sent
    assert response["Content-Type"] == f"image/{kind.lower()}"
    assert (item["kind"], item["width"], item["height"], item["note"]) == ("image", 64, 32, "")


def test_the_good_files_of_an_upload_are_taken_and_each_bad_one_says_why(upload, project):
    whole = encoded(picture(600, 400), "JPEG")

    answer = upload(
        a_png=encoded(picture(), "PNG"),
        cut_jpg=whole[: len(whole) // 2],
        noise_png=b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        bomb_png=bomb(20_000, 20_000),
        page_html=b"<script>alert(1)</script>",
        drawing_svg=b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        empty_png=b"",
        b_txt=b"two",
    )

    assert [item["name"] for item in answer["created"]] == ["a.png", "b.txt"]
    assert refusals(answer) == {
        "empty.png": "empty",
        "cut.jpg": "damaged",
        "noise.png": "not_an_image",
        "bomb.png": "too_many_pixels",
        "page.html": "not_an_image",
        "drawing.svg": "not_an_image",
    }
    assert all(file["detail"].endswith(".") for file in answer["refused"])
    assert project.items.count() == 2


def test_an_upload_of_bad_files_only_is_an_error(owner, project):
    answer = owner.post(f"/api/projects/{project.pk}/items/", {"files": [SimpleUploadedFile("a.png", b"x")]})

    assert answer.status_code == 400
    assert answer.json()["code"] == "refused"
    assert answer.json()["refused"][0]["code"] == "not_an_image"


def test_a_hundred_megapixels_are_the_limit(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(encoded(Image.new("1", (10_000, 10_000)), "PNG"))
    over = tmp_path / "larger.png"
    over.write_bytes(encoded(Image.new("1", (10_000, 10_001)), "PNG"))

    found = media.run("inspect", [path, over])

    assert (found[0].get("width"), found[1].get("code")) == (10_000, "too_many_pixels")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_browsers_and_we_see_an_image_turned_by_exif_alike(owner, upload, kind, orientation):
    sent = turned(orientation, kind)

    (item,) = upload(photo_any=sent)["created"]
    _, seen = shown(owner, item)
    ours = imaging.upright(imaging.open_image(io.BytesIO(sent)))

    assert (item["width"], item["height"]) == seen.size == ours.size == ((32, 64) if orientation > 4 else (64, 32))
    assert seen.getexif().get(0x0112, 1) == 1
    for place in [(4, 4), (seen.width - 5, seen.height - 5)]:
        assert red(seen, place) == red(ours, place)


def red(image, place):
    return image.convert("RGB").getpixel(place)[0] > 128


def test_the_original_of_a_turned_image_is_kept_and_can_be_downloaded(owner, upload):
    sent = turned(6)
    (item,) = upload(photo_jpg=sent)["created"]

    response, body = fetch(owner, item["media"] + "?original=1")

    assert body == sent
    assert response["Content-Disposition"] == 'attachment; filename="photo.jpg"'


def test_what_browsers_cannot_show_is_shown_as_png(owner, upload):
    deep = Image.new("I;16", (40, 20), 1000)
    deep.paste(3000, (0, 0, 20, 20))

    (plain,) = upload(scan_tiff=encoded(picture(mode="CMYK"), "TIFF"))["created"]
    (grey,) = upload(deep_tif=encoded(deep, "TIFF"))["created"]
    kind, seen = shown(owner, grey)

    assert shown(owner, plain)[0] == kind == "image/png"
    assert (seen.getpixel((5, 5)), seen.getpixel((35, 5))) == (255, 0)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_labelled_and_that_is_said(owner, upload, kind):
    (item,) = upload(moving_any=animated(kind))["created"]
    _, seen = shown(owner, item)

    assert item["note"] == "Animated: its first frame is labelled."
    assert getattr(seen, "n_frames", 1) == 1
    assert seen.convert("RGB").getpixel((5, 5))[0] > 200


def test_the_same_bytes_are_kept_once(upload):
    sent = encoded(picture(), "PNG")

    upload(a_png=sent)
    upload(b_png=sent, c_png=sent)

    stored = Media.objects.get()
    assert stored.sha256 == hashlib.sha256(sent).hexdigest()
    assert Item.objects.filter(media=stored).count() == 3


def test_a_place_that_a_broken_upload_left_half_written_is_filled_anew(owner, upload):
    sent = encoded(picture(), "PNG")
    place = Media(sha256=hashlib.sha256(sent).hexdigest()).path
    default_storage.save(place, io.BytesIO(sent[:20]))

    (item,) = upload(a_png=sent)["created"]

    assert fetch(owner, item["media"])[1] == sent


def test_a_file_that_is_missing_is_told_and_comes_back_when_it_is_added_once_more(owner, upload, project):
    sent = encoded(picture(), "PNG")
    (item,) = upload(a_png=sent)["created"]
    address = f"/api/items/{item['id']}/thumbnail/"
    owner.get(address)
    kept = Media.objects.get()
    media.discard(kept)

    for missing in (item["media"], f"{item['media']}?original=1", address):
        answer = owner.get(missing)
        assert (answer.status_code, answer.json()["code"]) == (404, "missing")
        assert "add the same file" in answer.json()["detail"]

    (refused,) = upload(a_png=sent)["refused"]
    assert refused["detail"].endswith("Its file was missing, and is there again.")
    assert fetch(owner, item["media"])[1] == sent
    assert fetch(owner, address)[1]
    assert project.items.count() == 1


# Texts ----------------------------------------------------------------------------------------------------------------


def test_a_text_comes_back_character_by_character(owner, upload):
    text = "e\u0301 \U0001f468‍👩‍👧\r\nשלום \ttab\r\n"

    (item,) = upload(hello_txt=text.encode("utf-8-sig"))["created"]

    assert owner.get(f"/api/items/{item['id']}/").json()["text"] == text
    assert (item["kind"], item["media"], item["thumbnail"]) == ("text", None, None)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"good line\nbad \xff line", "not_utf8", "Line 2 is no valid UTF-8 (byte 15)"),
        ("zoë".encode("latin-1"), "not_utf8", "Line 1"),
        ("utf-16".encode("utf-16"), "not_utf8", "Save the file as UTF-8"),
        (b"a\0b", "nul", "Character 2 of the text is NUL"),
        (b"\xef\xbb\xbf", "empty", "empty"),
        (b"x" * 1_000_001, "text_too_long", "more than 1,000,000 characters"),
    ],
)
def test_a_text_that_cannot_be_says_where_it_is_wrong(upload, content, code, says):
    (refused,) = upload(bad_txt=content)["refused"]

    assert refused["code"] == code
    assert says in refused["detail"]


def test_a_million_characters_of_four_bytes_are_taken(upload):
    assert upload(long_txt=("🙂" * 1_000_000).encode())["created"]


def test_a_text_may_be_sent_as_json(owner, project):
    send = {"path": f"/api/projects/{project.pk}/items/", "content_type": "application/json"}

    made = owner.post(data={"name": "mail <1>", "text": " keeps its spaces \n"}, **send)
    refused = owner.post(data={"name": "mail", "text": "x" * 1_000_001}, **send)
    broken = owner.post(data=b'{"name": "a", "text": "\\ud800"}', **send)

    assert made.status_code == 201
    assert Item.objects.get().text == " keeps its spaces \n"
    assert (refused.status_code, refused.json()["code"]) == (400, "text_too_long")
    assert broken.status_code == 400


# Listing and serving --------------------------------------------------------------------------------------------------


def test_items_are_listed_by_pages_in_their_order_without_their_texts(owner, project, alice):
    for number in range(5):
        items.add_text(alice, project.pk, name=f"text {number}", text="…")

    first = owner.get(f"/api/projects/{project.pk}/items/?page_size=3").json()
    second = owner.get(first["next"]).json()

    names = [item["name"] for item in [*first["results"], *second["results"]]]
    assert names == [f"text {number}" for number in range(5)]
    assert second["next"] is None
    assert "text" not in first["results"][0]


@pytest.mark.parametrize("cursor", ["cD1hYmM=", "cD3CsQ==", "x"])
def test_an_address_of_a_page_that_cannot_be_is_refused_in_words(owner, project, cursor):
    answer = owner.get(f"/api/projects/{project.pk}/items/?cursor={cursor}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "first page" in answer.json()["detail"]


def test_items_are_filtered_by_kind(owner, upload, project):
    upload(a_png=encoded(picture(), "PNG"), b_txt=b"two")
    path = f"/api/projects/{project.pk}/items/"

    assert [item["name"] for item in owner.get(f"{path}?kind=image").json()["results"]] == ["a.png"]
    assert owner.get(f"{path}?kind=sound").json()["fields"] == {"kind": "“image” or “text”"}


def test_media_are_kept_by_the_browser_and_never_guessed_at(owner, upload):
    (item,) = upload(a_png=encoded(picture(), "PNG"))["created"]

    first, _ = fetch(owner, item["media"])
    again = owner.get(item["media"], headers={"If-None-Match": first["ETag"]})

    assert (first["Cache-Control"], first["X-Content-Type-Options"]) == (FOR_EVER, "nosniff")
    assert "Cookie" in first["Vary"]
    assert again.status_code == 304


def test_media_are_reached_by_item_only(owner, upload):
    upload(a_png=encoded(picture(), "PNG"))
    stored = Media.objects.get()

    for path in (f"/media/{stored.path}", f"/api/media/{stored.sha256}/", f"/{stored.path}"):
        assert owner.get(path).status_code == 404


def test_a_thumbnail_is_there_at_once_small_and_upright(owner, upload):
    (item,) = upload(photo_jpg=encoded(picture(1600, 800), "JPEG"))["created"]
    (turned_item,) = upload(turned_jpg=turned(6))["created"]

    response, body = fetch(owner, item["thumbnail"])
    seen = Image.open(io.BytesIO(fetch(owner, turned_item["thumbnail"])[1]))

    assert response["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(body)).size == (320, 160)
    assert seen.size == (32, 64)


def test_images_are_kept_where_the_environment_says(tmp_path):
    options = json.dumps({"location": str(tmp_path)})
    script = "from django.core.files.storage import default_storage; print(default_storage.location)"

    assert manage({"MEDIA_OPTIONS": options}, "shell", "--verbosity=0", "-c", script) == str(tmp_path)


def test_why_there_is_no_thumbnail_is_told_and_the_others_are_made(owner, project, alice):
    item, good, gone = (photo(project, alice) for _ in range(3))
    default_storage.save(item.media.path, io.BytesIO(b"no image at all"))
    default_storage.save(good.media.path, io.BytesIO(encoded(picture(), "PNG")))

    with pytest.raises(media.NoThumbnail):
        media.make_thumbnails([gone.media_id, item.media_id, good.media_id])
    answers = [owner.get(f"/api/items/{one.pk}/thumbnail/") for one in (item, gone)]

    assert [one.status_code for one in answers] == [404, 404]
    assert [one.json()["code"] for one in answers] == ["not_an_image", "no_thumbnail"]
    assert default_storage.exists(good.media.thumbnail_path)


@pytest.mark.django_db(transaction=True)
def test_a_worker_makes_the_thumbnail(servers, alice, project):
    upload = items.add_files(alice, project.pk, [SimpleUploadedFile("a.png", encoded(picture(), "PNG"))])

    until(lambda: Media.objects.get().has_thumbnail)
    assert default_storage.size(upload.created[0].media.thumbnail_path) > 0


def test_names_are_any_unicode_and_at_most_500_characters(owner, upload, project):
    answer = owner.post(
        f"/api/projects/{project.pk}/items/",
        {
            "files": [
                SimpleUploadedFile("עברית <img src=x> 🚀.txt", b"one"),
                SimpleUploadedFile("n" * 250 + ".txt", b"two"),
            ]
        },
    ).json()
    long = owner.post(
        f"/api/projects/{project.pk}/items/", {"name": "n" * 501, "text": "x"}, content_type="application/json"
    )

    assert [item["name"][:9] for item in answer["created"]] == ["עברית <im", "nnnnnnnnn"]
    assert (long.status_code, long.json()["fields"]) == (400, {"name": "Use at most 500 characters."})


def test_every_item_is_in_the_log_without_its_text(upload, project):
    upload(a_txt=b"secret words", b_png=encoded(picture(), "PNG"))

    records = [change.record for change in Change.objects.filter(project=project, kind="item").order_by("pk")]

    assert [record["name"] for record in records] == ["a.txt", "b.png"]
    assert "secret" not in str(records)
