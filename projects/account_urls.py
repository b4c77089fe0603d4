"""Below /accounts/. Of allauth only what we use is here."""

from allauth.account import views as accounts
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as others
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path, re_path, reverse_lazy

from projects import profile

email = accounts.EmailView.as_view(success_url=reverse_lazy("profile"))
reset = r"password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"

urlpatterns = [
    path("login/", accounts.login, name="account_login"),
    path("logout/", accounts.logout, name="account_logout"),
    path("signup/", accounts.signup, name="account_signup"),
    path("inactive/", accounts.account_inactive, name="account_inactive"),
    path("reauthenticate/", accounts.reauthenticate, name="account_reauthenticate"),
    # Passwords
    path("password/change/", accounts.password_change, name="account_change_password"),
    path("password/set/", accounts.password_set, name="account_set_password"),
    path("password/reset/", accounts.password_reset, name="account_reset_password"),
    path("password/reset/done/", accounts.password_reset_done, name="account_reset_password_done"),
    re_path(reset, accounts.password_reset_from_key, name="account_reset_password_from_key"),
    path(
        "password/reset/key/done/",
        accounts.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # E-mail
    path("email/", email, name="account_email"),
    path("confirm-email/<str:key>/", accounts.confirm_email, name="account_confirm_email"),
    # One's own pages
    path("profile/", profile.profile, name="profile"),
    path("sessions/", profile.sessions, name="sessions"),
    path("tokens/", profile.tokens, name="tokens"),
    # Codes as a second step
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    # Signing in by an OIDC server
    path("oidc/<str:provider_id>/login/", profile.oidc_login, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    path("social/", others.connections, name="socialaccount_connections"),
    path("social/signup/", others.signup, name="socialaccount_signup"),
    path("social/login/cancelled/", others.login_cancelled, name="socialaccount_login_cancelled"),
    path("social/login/error/", others.login_error, name="socialaccount_login_error"),
]
