"""PostgreSQL and Valkey of one instance."""

import os
from types import TracebackType

from config.supervisor.instance import BASE_DIR, Instance
from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey


class Services:
    """Used by `make up`, by backup and restore, and by the tests for their throwaway instances."""

    def __init__(self, instance: Instance, *, durable: bool = True) -> None:
        self.instance = instance
        instance.prepare()
        self.postgres = Postgres(instance, durable=durable)
        self.valkey = Valkey(instance)
        self.parts = [self.postgres.part, self.valkey.part]

    def start(self) -> None:
        self.instance.make_sockets(self.postgres.account.uid, self.postgres.account.gid)
        self.postgres.start()
        self.valkey.start()

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.stop()
        self.instance.clean()

    def env(self) -> dict[str, str]:
        """What config/settings.py reads. Of the environment only a SECRET_KEY stays."""
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(BASE_DIR),
            "VAR": str(self.instance.var),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self.instance.secret_key(),
            "DATABASE_URL": self.postgres.url(),
            "VALKEY_URL": self.valkey.url,
        }

    def __enter__(self) -> "Services":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
