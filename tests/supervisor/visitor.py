"""A browser without a screen."""

import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode


class Visitor:
    """Keeps cookies, sends forms with their token."""

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
