"""`python -m config.supervisor up | manage ARGUMENT... | backup [FILE] | restore FILE`. Containers: `web | healthy`."""

import os
import sys
from pathlib import Path

from config.supervisor import programs
from config.supervisor.address import from_environment
from config.supervisor.backup import backup, restore
from config.supervisor.instance import BASE_DIR, Instance
from config.supervisor.product import up
from config.supervisor.refusal import Refusal, explained


def manage(instance: Instance, *arguments: str) -> None:
    """A command of manage.py, with the services of the running instance."""
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
    os.execve(sys.executable, command, os.environ | instance.read_env())  # noqa: S606


def web(instance: Instance) -> None:
    """One web server alone; services and settings come from the environment."""
    listening = from_environment().listen()
    listening.set_inheritable(True)
    command = [*programs.UVICORN, f"--fd={listening.fileno()}"]
    os.execv(command[0], command)  # noqa: S606


def healthy(instance: Instance) -> None:
    address = from_environment().local()
    if not programs.healthy(address, os.environ.get("PUBLIC_URL") or address.url("localhost")):
        raise Refusal(f"Nothing answers at port {address.port}: look into the web server's log.")


COMMANDS = {"up": up, "manage": manage, "backup": backup, "restore": restore, "web": web, "healthy": healthy}


def main() -> int:
    var = Path(os.environ.get("VAR") or BASE_DIR / "var")
    try:
        COMMANDS[sys.argv[1]](Instance(var), *sys.argv[2:])
    except KeyboardInterrupt:
        return 0
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as error:
        print(explained(error, var), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
