"""Signing in by an OIDC server: a small one of the test's own, spoken to over HTTP."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from config.settings import BASE_DIR
from projects.models import User
from tests.clients import client_of

pytestmark = pytest.mark.django_db

SUE = {"sub": "007", "name": "Sue Storm", "preferred_username": "sue", "email": "sue@example.com"}
LOGIN = "/accounts/oidc/oidc/login/"


class Provider(BaseHTTPRequestHandler):
    """Knows one person, who always says yes. A code is good for who shows the verifier of its challenge (RFC 7636)."""

    server: "ProviderServer"

    def do_GET(self):
        address, told = urlsplit(self.path), parse_qs(urlsplit(self.path).query)
        url = self.server.url
        if address.path == "/.well-known/openid-configuration":
            ends = {f"{name}_endpoint": f"{url}/{name}" for name in ("authorization", "token", "userinfo")}
            self.answer({"issuer": url, "jwks_uri": f"{url}/keys"} | ends)
        elif address.path == "/authorization":
            self.server.challenge = told["code_challenge"][0]
            self.send_response(302)
            back = {"code": "c0de", "state": told["state"][0]}
            self.send_header("Location", f"{told['redirect_uri'][0]}?{urlencode(back)}")
            self.end_headers()
        elif address.path == "/userinfo" and self.headers["Authorization"] == "Bearer t0ken":
            self.answer(self.server.person)
        else:
            self.send_error(404)

    def do_POST(self):
        told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(told["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        secret = told.get("client_secret") == ["s3cret"] and told.get("client_id") == ["annotator"]
        if not secret or told["code"] != ["c0de"] or challenge != self.server.challenge:
            return self.send_error(400)
        now = int(time.time())
        claims = self.server.person | {"iss": self.server.url, "aud": "annotator", "iat": now, "exp": now + 60}
        signed = jwt.encode(claims, "k" * 32, "HS256")
        return self.answer({"access_token": "t0ken", "token_type": "Bearer", "id_token": signed})

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


class ProviderServer(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Provider)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.person, self.challenge = dict(SUE), ""


@pytest.fixture
def provider(settings, db):
    cache.clear()
    server = ProviderServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {"provider_id": "oidc", "name": "Example ID", "client_id": "annotator", "secret": "s3cret"}
    app["settings"] = {"server_url": server.url}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield server
    server.shutdown()
    server.server_close()


def sign_in(client, query=""):
    """As a browser: there by the button, back by the provider's answer."""
    there = client.post(f"{LOGIN}{query}").headers["Location"]
    back = requests.get(there, allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def me(client):
    return client.get("/api/me/").json()


def test_the_environment_says_which_provider_and_lets_its_button_lead_there():
    told = (
        "from config.settings import *; print(json.dumps(["
        "SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'], CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']]))"
    )
    names = {
        "OIDC_SERVER": "https://id.example.org/realms/lab/",
        "OIDC_CLIENT_ID": "annotator",
        "OIDC_SECRET": "s3cret",
    }

    done = subprocess.run([sys.executable, "-c", told], env=os.environ | names, capture_output=True, cwd=BASE_DIR)

    [app], leads_to = json.loads(done.stdout)
    assert app == {
        "provider_id": "oidc",
        "name": "id.example.org",
        "client_id": "annotator",
        "secret": "s3cret",
        "settings": {"server_url": "https://id.example.org/realms/lab"},
    }
    assert leads_to == ["'self'", "https://id.example.org"]


def test_without_a_provider_there_is_no_button(client, db):
    assert "/accounts/oidc/" not in client.get("/accounts/login/").content.decode()


def test_a_newcomer_comes_in_by_the_provider_even_where_sign_up_is_closed(client, provider, settings):
    settings.SIGN_UP = "closed"

    offered = client.get("/accounts/login/").content.decode()
    answer = sign_in(client)

    assert ">Sign in with Example ID</button>" in offered
    assert answer.headers["Location"] == "/"
    assert "cannot come back" not in client.get("/accounts/profile/").content.decode()
    assert (me(client)["name"], me(client)["username"]) == ("Sue Storm", "sue")
    assert me(client)["email"] == "sue@example.com"


def test_who_comes_again_is_the_same_person(provider):
    for _ in range(2):
        client = Client()
        sign_in(client)

    assert User.objects.count() == 1
    assert me(client)["username"] == "sue"


def test_a_user_name_that_is_taken_is_counted_on(client, provider, alice):
    User.objects.update(username="Sue")

    sign_in(client)

    assert me(client)["username"] == "sue2"


def test_one_goes_on_to_where_one_wanted(client, provider):
    page = client.get("/accounts/login/?next=/projects/7/").content.decode()

    assert f'action="{LOGIN}?next=/projects/7/"' in page
    assert sign_in(client, "?next=/projects/7/").headers["Location"] == "/projects/7/"


def test_an_address_of_someone_here_does_not_open_their_account(client, provider, alice):
    """Who runs the provider could claim any address. Alice connects it herself instead."""
    User.objects.update(email="sue@example.com")
    EmailAddress.objects.create(user=alice, email="sue@example.com", verified=True, primary=True)

    stranger = sign_in(client)
    shown = client.get(stranger.headers["Location"])
    hers = client_of(alice)
    connected = sign_in(hers, "?process=connect")
    later = Client()
    sign_in(later)

    assert client.get("/api/me/").status_code == 401
    assert "Almost there" in shown.content.decode()
    assert "Sign in to it" in shown.content.decode()
    assert connected.headers["Location"] == "/accounts/social/"
    assert "Your account is connected" in hers.get("/accounts/social/").content.decode()
    assert me(later)["username"] == "alice"


def test_a_connection_is_ended(provider, alice):
    hers = client_of(alice)
    sign_in(hers, "?process=connect")

    hers.post("/accounts/social/", {"account": alice.socialaccount_set.get().pk})

    assert ">Connect Example ID</button>" in hers.get("/accounts/social/").content.decode()


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client, provider):
    answer = client.get(f"{LOGIN}callback/?code=c0de&state=guessed")

    assert answer.status_code == 401
    assert "Signing in did not work" in answer.content.decode()


def test_a_code_that_someone_else_asked_for_signs_nobody_in(client, provider):
    there = client.post(LOGIN).headers["Location"]
    back = requests.get(there, allow_redirects=False, timeout=5).headers["Location"]
    provider.challenge = "another"

    answer = client.get(back.removeprefix("http://testserver"))

    assert "Signing in did not work" in answer.content.decode()
    assert client.get("/api/me/").status_code == 401


def test_a_provider_that_is_away_is_told(client, provider):
    provider.shutdown()
    provider.server_close()

    answer = client.post(LOGIN)

    assert answer.status_code == 503
    assert "Signing in did not work" in answer.content.decode()
