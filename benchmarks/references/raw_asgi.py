"""The least a Python server can do: every message goes to every socket, one after the other."""

from typing import Any

SENDERS: set[Any] = set()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    SENDERS.add(send)
    try:
        while (message := await receive())["type"] == "websocket.receive":
            for other in list(SENDERS):
                await other({"type": "websocket.send", "text": message["text"]})
    except OSError:
        return
    finally:
        SENDERS.discard(send)
