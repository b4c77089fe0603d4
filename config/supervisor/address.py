"""Where the web server listens, and by which names it may be called."""

import errno
import os
import socket
from dataclasses import dataclass

from config.supervisor.refusal import Refusal

PATIENCE = 60  # seconds that a peer may leave what it was sent
ANY = ("0.0.0.0", "::", "")  # noqa: S104


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    def listen(self) -> socket.socket:
        """Held by the supervisor, so a web process that starts again loses no caller. Callers inherit its options."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            listening = socket.create_server((self.host, self.port), family=family, backlog=2048)
        except OSError as error:
            raise Refusal(self.refusal(error)) from None
        # A server that is handed a socket takes it as it is. Without this, small answers wait 40 ms (Nagle).
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; else one who is there but never reads is kept for ever
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PATIENCE * 1000)
        return listening

    def refusal(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} is taken: stop what uses it, or choose another with `make up PORT={self.port + 1}`."
            )
        if error.errno == errno.EACCES:
            return f"Only root may use port {self.port}: choose another with `make up PORT=8000`."
        return f"{self.host} is no address of this machine: choose one with `make up HOST=127.0.0.1`."

    def local(self) -> "Address":
        """Where to reach it from here."""
        return Address({"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(self.host, self.host), self.port)  # noqa: S104

    def url(self, host: str) -> str:
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def env(self) -> dict[str, str]:
        """The settings' names for it. What the environment says already (behind a proxy) stays."""
        names = ["127.0.0.1", "localhost"]
        if self.host in ANY:
            names = [lan_address(), *names, socket.gethostname()]
        elif self.host not in names:
            names = [self.host]
        own = {
            "PUBLIC_URL": self.url(names[0]),
            "ALLOWED_HOSTS": ",".join(f"[{name}]" if ":" in name else name for name in names),
            "TRUSTED_ORIGINS": ",".join(self.url(name) for name in names),
        }
        return {name: os.environ.get(name) or value for name, value in own.items()}


def from_environment() -> Address:
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refusal(f"“{port}” is no port: choose a number from 1 to 65535, as in `make up PORT=8000`.")
    return Address(os.environ.get("HOST") or "127.0.0.1", int(port))


def lan_address() -> str:
    """The address by which others on the network reach this machine. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
