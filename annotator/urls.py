from django.urls import URLPattern, path

from annotator import api

urlpatterns = [
    path("api/items/<int:pk>/open/", api.ItemOpen.as_view(), name="item-open"),
    path("api/sheets/<int:pk>/annotations/", api.SheetAnnotations.as_view(), name="sheet-annotations"),
    path("api/sheets/<int:pk>/operations/", api.SheetOperations.as_view(), name="sheet-operations"),
    path("api/sheets/<int:pk>/status/", api.SheetStatus.as_view(), name="sheet-status"),
    path("api/sheets/<int:pk>/log/", api.SheetLog.as_view(), name="sheet-log"),
]
websocket_urlpatterns: list[URLPattern] = []
