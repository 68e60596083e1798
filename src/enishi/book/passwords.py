"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters (19 MiB, 2 passes, 1 lane).

    Django's own (100 MiB, 8 lanes) let a handful of sign-ins at once fill a small machine.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1
