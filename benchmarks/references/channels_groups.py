"""What Channels' tutorial does: a group on the Redis layer, a consumer a socket."""

import django

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402  (settings must be loaded first)


class Consumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add("bench", self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("bench", self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send("bench", {"type": "told", "text": text_data})

    async def told(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


app = Consumer.as_asgi()
