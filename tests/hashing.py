"""Passwords for tests: hashed as everywhere, but with one round for a million. A hash says its rounds to the servers."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Quick(PBKDF2PasswordHasher):
    iterations = 1
