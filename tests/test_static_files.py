"""Scripts and styles as the real servers send them."""

import gzip
import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings

pytestmark = pytest.mark.django_db(transaction=True)

DIST = Path(settings.STATICFILES_DIRS[0])


@pytest.fixture
def style():
    return json.loads((DIST / "manifest.json").read_text())["static/main.ts"]["css"][0]


def test_styles_come_compressed_and_are_kept_for_good(servers, style):
    request = Request(f"{servers.url}/static/{style}", headers={"Accept-Encoding": "gzip"})

    with urlopen(request) as answer:
        sent = answer.read()

    assert gzip.decompress(sent) == (DIST / style).read_bytes()
    assert len(sent) == int(answer.headers["Content-Length"])
    assert "immutable" in answer.headers["Cache-Control"]


def test_what_is_kept_is_not_sent_again_and_nobody_is_warned(servers, style):
    address = f"{servers.url}/static/{style}"
    with urlopen(address) as first:
        assert first.read() == (DIST / style).read_bytes()

    with pytest.raises(HTTPError) as second:
        urlopen(Request(address, headers={"If-None-Match": first.headers["ETag"]}))

    assert second.value.code == 304
    assert "StreamingHttpResponse" not in servers.webs[0].part.log.read_text()
