from django.urls import path

from detectors import api, views

urlpatterns = [
    path("projects/<int:pk>/runs/", views.runs, name="runs"),
    path("runs/<int:pk>/show/", views.show_run, name="show-run"),
    path("runs/<int:pk>/remove/", views.remove_run, name="remove-run"),
    path("api/projects/<int:pk>/runs/", api.ProjectRuns.as_view(), name="project-runs"),
    path("api/items/<int:pk>/suggestions/", api.ItemSuggestions.as_view(), name="item-suggestions"),
    path("api/runs/<int:pk>/", api.RunDetail.as_view(), name="run"),
]
