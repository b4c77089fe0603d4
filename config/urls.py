from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.health import healthz

handler400 = "projects.views.bad_request"
handler403 = "projects.views.forbidden"
handler404 = "projects.views.not_found"
handler500 = "projects.views.server_error"

urlpatterns = [
    path("healthz", healthz),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("projects.urls")),
    path("", include("annotator.urls")),
    path("", include("detectors.urls")),
]
