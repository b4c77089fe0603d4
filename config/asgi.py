import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (apps must be loaded first)

from annotator.fastlane import fast_lane  # noqa: E402
from annotator.urls import websocket_urlpatterns  # noqa: E402
from projects.bodies import capped  # noqa: E402

application = ProtocolTypeRouter({"http": capped(fast_lane(http)), "websocket": URLRouter(websocket_urlpatterns)})
