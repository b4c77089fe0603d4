"""Passwords for tests: hashed as everywhere, but in one round, which a hash tells the servers."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    iterations = 1
