import socket

import pytest

from config.supervisor import address
from config.supervisor.address import Address


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux knows it")
def test_who_takes_nothing_in_is_let_go_though_the_line_stands(monkeypatch):
    monkeypatch.setattr(address, "PATIENCE", 1)

    with Address("127.0.0.1", 0).listen() as listening, socket.create_connection(listening.getsockname()):
        served, _ = listening.accept()
        with served, pytest.raises(TimeoutError):
            served.sendall(bytes(50_000_000))
