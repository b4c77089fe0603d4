"""What our accounts add to allauth's: who may come, what they are called, and who is told when they leave."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.emailkit import valid_email_or_none
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount import app_settings as others
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.shortcuts import render
from knox.models import AuthToken

from projects import events
from projects.access import person
from projects.models import SignInLink, User
from projects.names import cleaned, why_no_username
from projects.services import invitations, people

log = logging.getLogger(__name__)


def ways_in(request: HttpRequest) -> dict[str, Any]:
    """For templates: the OIDC server, if any; whether strangers sign up and e-mail goes out; whether one could come
    back if asked to."""
    apps = others.PROVIDERS["openid_connect"]["APPS"]
    return {
        "oidc": apps[0] if apps else None,
        "mail_goes_out": not invitations.is_logged(),
        "sign_up_open": settings.SIGN_UP != "closed",
        "can_come_back": lambda: people.can_come_back(person(request)),
    }


class SignUp(forms.Form):
    """What we ask besides user name, e-mail and password."""

    field_order = ("name", "username", "email", "password1")

    name = forms.CharField(label="Your name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))

    def clean_name(self) -> str:
        if name := cleaned(self.cleaned_data["name"]):
            return name
        raise forms.ValidationError(self.fields["name"].error_messages["required"])

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth wants one; `AccountAdapter.save_user` has done it."""


class AccountAdapter(DefaultAccountAdapter):
    """A new password ends tokens and links; live sockets hear of it and of signing out."""

    error_messages = DefaultAccountAdapter.error_messages | dict.fromkeys(
        ("username_password_mismatch", "email_password_mismatch"),
        "The user name or e-mail, or the password, is not right. Try again.",
    )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP != "closed"

    def reauthenticate(self, user: User, password: str) -> bool:
        """To prove who one is may renew the password's hash, by which one's session is known."""
        known: bool = super().reauthenticate(user, password)
        if known:
            user.refresh_from_db(fields=["password"])
            self.request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        return known

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name") or user.name or form.cleaned_data["username"]
        user.color = people.free_color()
        return super().save_user(request, user, form, commit)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if why := why_no_username(username):
            raise forms.ValidationError(why)
        return super().clean_username(username, shallow)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Before an address is changed or a token made; who has no password has nothing to prove themselves by."""
        if app in ("", "allauth.account"):
            return self.request.user.has_usable_password()
        return super().is_reauthentication_required(app=app, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Who asked for a link is told that it does not come; all else is done without the message."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.error("No e-mail can be sent: %s", error)
            if template_prefix.endswith(("_confirmation", "_reset_key")):
                answer = render(self.request, "account/mail_away.html", status=503)
                raise ImmediateHttpResponse(answer) from error

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """An address that someone was given by whoever runs the server is theirs, confirmed or not."""
        holders = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
        if holders.exists():
            failed = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, failed, {"email": email_address.email})
            return False
        return super().confirm_email(request, email_address)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return settings.ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL

    def logout(self, request: HttpRequest) -> None:
        user = person(request)
        super().logout(request)
        events.signed_out(user.pk)

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        AuthToken.objects.filter(user=user).delete()
        SignInLink.objects.filter(user=user, used_at=None).delete()
        events.signed_out(user.pk)


class OtherAccountAdapter(DefaultSocialAccountAdapter):
    """Whom the OIDC server knows may come, even where nobody else signs up."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user = sociallogin.user
        parts = [data.get("first_name"), data.get("last_name")]
        user.email = valid_email_or_none(data.get("email")) or ""
        wanted = data.get("username") or user.email.partition("@")[0] or "person"
        user.name = (cleaned(data.get("name") or "") or " ".join(filter(None, parts)) or wanted)[:150]
        user.username = invitations.username_for(wanted)
        user.color = people.free_color()
        return user

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        return super().get_signup_form_initial_data(sociallogin) | {"name": sociallogin.user.name}

    def on_authentication_error(self, request: HttpRequest, provider: Any, **why: Any) -> None:
        log.warning("Signing in by %s failed: %s", provider.name, why.get("exception") or why.get("error"))


class CodesAdapter(DefaultMFAAdapter):
    """Authenticator apps show the user name: not everyone has an e-mail address."""

    def get_totp_label(self, user: User) -> str:
        return user.username
