import gc
import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (apps must be loaded first)
from django.urls import re_path  # noqa: E402

from annotator.fastlane import fast_lane  # noqa: E402
from annotator.urls import websocket_urlpatterns  # noqa: E402
from projects.bodies import capped  # noqa: E402


async def nobody(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers where there is no socket to talk to."""
    await receive()
    await send({"type": "websocket.close"})


sockets = URLRouter([*websocket_urlpatterns, re_path("", nobody)])  # type: ignore[arg-type]
application = ProtocolTypeRouter({"http": capped(fast_lane(http)), "websocket": sockets})

gc.collect()
gc.freeze()  # what is loaded stays: to look through it for garbage, again and again, held up everyone
