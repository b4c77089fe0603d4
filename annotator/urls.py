from django.urls import path

from annotator import api, bell, exports, views
from annotator.consumers import live
from annotator.imports import api as imports
from annotator.imports import views as import_cards

urlpatterns = [
    path("labels/<int:pk>/removal/", views.remove_label, name="remove-label"),
    path("", views.home, name="home"),
    path("projects/<int:pk>/", views.project, name="project"),
    path("projects/<int:pk>/pulse/", views.pulse, name="pulse"),
    path("projects/<int:pk>/dashboard/", views.dashboard, name="dashboard"),
    path("projects/<int:pk>/here/", views.who_is_here, name="here"),
    path("projects/<int:pk>/start/", views.start, name="start"),
    path("projects/<int:pk>/download/", views.download, name="download"),
    path("projects/<int:pk>/reset/", views.reset, name="reset-demo"),
    path("projects/<int:pk>/items/<int:item>/", views.editor, name="editor"),
    path("api/items/<int:pk>/open/", api.ItemOpen.as_view(), name="item-open"),
    path("api/items/<int:pk>/to-label/", api.ItemToLabel.as_view(), name="item-to-label"),
    path("api/items/<int:pk>/to-review/", api.ItemToReview.as_view(), name="item-to-review"),
    path("api/items/<int:pk>/purge/", api.ItemPurge.as_view(), name="item-purge"),
    path("api/projects/<int:pk>/purge/", api.ProjectPurge.as_view(), name="project-purge"),
    path("api/projects/<int:pk>/grid/", api.ProjectGrid.as_view(), name="project-grid"),
    path("api/projects/<int:pk>/bulk/", api.ProjectBulk.as_view(), name="project-bulk"),
    path("api/projects/<int:pk>/suggested/", api.ProjectSuggested.as_view(), name="project-suggested"),
    path("api/projects/<int:pk>/moving/", api.ProjectMoving.as_view(), name="project-moving"),
    path("api/projects/<int:pk>/filters/", api.ProjectFilters.as_view(), name="project-filters"),
    path("api/filters/<int:pk>/", api.FilterDetail.as_view(), name="filter"),
    path("api/items/<int:pk>/comments/", api.ItemComments.as_view(), name="item-comments"),
    path("api/items/<int:pk>/comments/read/", api.ItemCommentsRead.as_view(), name="item-comments-read"),
    path("notices/<int:pk>/", bell.notice, name="notice"),
    path("api/notices/", bell.NoticeList.as_view(), name="notices"),
    path("api/comments/<int:pk>/", api.CommentDetail.as_view(), name="comment"),
    path("api/comments/<int:pk>/resolve/", api.CommentResolve.as_view(), name="comment-resolve"),
    path("api/sheets/<int:pk>/annotations/", api.SheetAnnotations.as_view(), name="sheet-annotations"),
    path("api/sheets/<int:pk>/operations/", api.SheetOperations.as_view(), name="sheet-operations"),
    path("api/sheets/<int:pk>/status/", api.SheetStatus.as_view(), name="sheet-status"),
    path("api/sheets/<int:pk>/log/", api.SheetLog.as_view(), name="sheet-log"),
    path("projects/<int:pk>/imports/now/", import_cards.now, name="import-now"),
    path("imports/<int:pk>/", import_cards.show, name="import-card"),
    path("imports/<int:pk>/choose/", import_cards.choose, name="import-card-choose"),
    path("imports/<int:pk>/start/", import_cards.start, name="import-card-start"),
    path("imports/<int:pk>/cancel/", import_cards.cancel, name="import-card-cancel"),
    path("api/projects/<int:pk>/imports/", imports.ProjectImports.as_view(), name="project-imports"),
    path("api/imports/<int:pk>/", imports.ImportDetail.as_view(), name="import"),
    path("api/imports/<int:pk>/files/", imports.ImportAdd.as_view(), name="import-files"),
    path("api/imports/<int:pk>/choose/", imports.ImportChoose.as_view(), name="import-choose"),
    path("api/imports/<int:pk>/start/", imports.ImportStart.as_view(), name="import-start"),
    path("api/imports/<int:pk>/cancel/", imports.ImportCancel.as_view(), name="import-cancel"),
    path("api/projects/<int:pk>/formats/", exports.ProjectFormats.as_view(), name="project-formats"),
    path("api/projects/<int:pk>/export/", exports.ProjectExport.as_view(), name="project-export"),
]
websocket_urlpatterns = [path("ws/", live)]  # type: ignore[arg-type]  # an ASGI application, as Channels takes it
