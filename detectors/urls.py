from django.urls import path

from detectors import api, back_end_views, model_api, model_views, pipeline_api, views
from detectors.models import RunState

urlpatterns = [
    path("api/detectors/", pipeline_api.DetectorKinds.as_view(), name="detector-kinds"),
    path("api/projects/<int:pk>/pipelines/", pipeline_api.ProjectPipelines.as_view(), name="project-pipelines"),
    path("api/projects/<int:pk>/pipelines/check/", pipeline_api.ProjectPipelineCheck.as_view(), name="check-pipeline"),
    path("api/pipelines/<int:pk>/", pipeline_api.PipelineDetail.as_view(), name="pipeline"),
    path("api/pipelines/<int:pk>/run/", pipeline_api.PipelineRun.as_view(), name="run-pipeline"),
    path("api/runs/<int:pk>/progress/", pipeline_api.RunProgress.as_view(), name="run-progress"),
    path("api/runs/<int:pk>/pause/", pipeline_api.RunChange.as_view(to=RunState.PAUSED), name="pause-run"),
    path("api/runs/<int:pk>/resume/", pipeline_api.RunChange.as_view(to=RunState.RUNNING), name="resume-run"),
    path("api/runs/<int:pk>/cancel/", pipeline_api.RunChange.as_view(to=RunState.CANCELLED), name="cancel-run"),
    path("api/runs/<int:pk>/retry/", pipeline_api.RunRetry.as_view(), name="retry-run"),
    path("projects/<int:pk>/runs/", views.runs, name="runs"),
    path("runs/<int:pk>/show/", views.show_run, name="show-run"),
    path("projects/<int:pk>/models/", model_views.models, name="models"),
    path("projects/<int:pk>/models/new/", model_views.model, name="model"),
    path("projects/<int:pk>/find/", views.find, name="find"),
    path("runs/<int:pk>/change/", views.change_run, name="change-run"),
    path("pipelines/<int:pk>/goes-on/", views.go_on, name="pipeline-goes-on"),
    path("runs/<int:pk>/failures/", views.failures, name="run-failures"),
    path("runs/<int:pk>/remove/", views.remove_run, name="remove-run"),
    path("api/projects/<int:pk>/models/", model_api.ProjectModels.as_view(), name="project-models"),
    path("api/projects/<int:pk>/models/keep/", model_api.ProjectModelsKeep.as_view(), name="keep-model"),
    path("api/projects/<int:pk>/runs/", api.ProjectRuns.as_view(), name="project-runs"),
    path("api/items/<int:pk>/suggestions/", api.ItemSuggestions.as_view(), name="item-suggestions"),
    path("api/runs/<int:pk>/", api.RunDetail.as_view(), name="run"),
    path("api/projects/<int:pk>/back-ends/", api.ProjectBackEnds.as_view(), name="project-back-ends"),
    path("api/items/<int:pk>/ask/", api.ItemAsk.as_view(), name="ask-about-item"),
    path("projects/<int:pk>/back-ends/", back_end_views.back_ends, name="back-ends"),
    path("projects/<int:pk>/back-ends/add/", back_end_views.add, name="add-back-end"),
    path("back-ends/<int:pk>/look/", back_end_views.look, name="look-at-back-end"),
    path("back-ends/<int:pk>/try/", back_end_views.attempt, name="try-back-end"),
    path("back-ends/<int:pk>/remove/", back_end_views.remove, name="remove-back-end"),
    path("asked/<str:name>/picture.jpg", back_end_views.picture, name="asked-picture"),
]
