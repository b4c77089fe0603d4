"""A colleague on the same network: from the link that is printed to the open socket, by this machine's own address."""

import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from config.supervisor.address import lan_address
from tests.live import Live


class Visitor:
    """A browser without a screen: keeps cookies, sends forms with their token."""

    def __init__(self) -> None:
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, url: str) -> str:
        return self.opener.open(url).read().decode()

    def post(self, url: str, page: str, **values: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        origin = "/".join(url.split("/")[:3])
        body = urlencode({"csrfmiddlewaretoken": token[1] if token else "", **values}).encode()
        return self.opener.open(urllib.request.Request(url, body, {"Origin": origin, "Referer": url})).read().decode()

    @property
    def session(self) -> str:
        return next(cookie.value or "" for cookie in self.cookies if cookie.name == "sessionid")


def test_a_colleague_joins_by_this_machines_address_and_is_live(product):
    (product.var / "demo").unlink()
    address = f"http://{lan_address()}:{product.port}"
    product.process = product.run(HOST="0.0.0.0")
    product.wait_for(f"Ready at {address}")

    olivia, guest = Visitor(), Visitor()
    link = next(word for word in product.said().split() if word.startswith(f"{address}/enter/"))
    home = olivia.post(link, olivia.get(link))
    project = re.search(r"/projects/(\d+)/", home)[1]
    shared = olivia.post(f"{address}/projects/{project}/share/", home, role="20")
    invitation = re.search(rf"{address}/join/[\w.-]+/", shared)[0]
    page = guest.post(invitation, guest.get(invitation), name="Zoë")

    assert "Only this computer" not in shared or address.startswith("http://127.")
    assert "Zoë" in page
    live = Live(address, guest.session, origin=address)
    assert live.wait("welcome")["protocol"] >= 1
    live.close()
