from allauth.account import views as accounts
from django.urls import path

from projects import api, joining, views

# Of allauth only what we use: nobody signs up here, and addresses are not managed.
urlpatterns = [
    path("accounts/login/", accounts.login, name="account_login"),
    path("accounts/logout/", accounts.logout, name="account_logout"),
    path("accounts/password/change/", accounts.password_change, name="account_change_password"),
    path("accounts/password/set/", accounts.password_set, name="account_set_password"),
    path("enter/<str:secret>/", views.enter, name="enter"),
    path("join/<str:secret>/", joining.join, name="join"),
    path("join/<str:secret>/ask/", joining.ask, name="ask-to-join"),
    path("projects/<int:pk>/share/", joining.share, name="share"),
    path("projects/<int:pk>/share/<int:invitation>/revoke/", joining.revoke, name="revoke-link"),
    path("projects/<int:pk>/requests/<int:asked>/", joining.answer, name="answer-request"),
    path("projects/new/", views.new_project, name="new-project"),
    path("projects/<int:pk>/settings/", views.settings, name="settings"),
    path("projects/<int:pk>/trash/", views.trash_project, name="trash-project"),
    path("projects/<int:pk>/labels/", views.add_label, name="add-label"),
    path("labels/<int:pk>/", views.change_label, name="change-label"),
    path("labels/<int:pk>/remove/", views.remove_label, name="remove-label"),
    path("projects/<int:pk>/members/", views.add_member, name="add-member"),
    path("members/<int:pk>/", views.change_member, name="change-member"),
    path("members/<int:pk>/remove/", views.remove_member, name="remove-member"),
    path("api/tokens/", api.Tokens.as_view(), name="api-tokens"),
    path("api/me/", api.MeView.as_view(), name="api-me"),
    path("api/projects/", api.Projects.as_view(), name="api-projects"),
    path("api/projects/<int:pk>/", api.ProjectDetail.as_view(), name="api-project"),
    path("api/projects/<int:pk>/labels/", api.Labels.as_view(), name="api-labels"),
    path("api/labels/<int:pk>/", api.LabelDetail.as_view(), name="api-label"),
    path("api/projects/<int:pk>/members/", api.Members.as_view(), name="api-members"),
    path("api/members/<int:pk>/", api.MemberDetail.as_view(), name="api-member"),
    path("api/projects/<int:pk>/items/", api.Items.as_view(), name="api-items"),
    path("api/items/<int:pk>/", api.ItemDetail.as_view(), name="api-item"),
    path("api/items/<int:pk>/restore/", api.ItemRestore.as_view(), name="item-restore"),
    path("api/items/<int:pk>/media/", api.ItemMedia.as_view(), name="item-media"),
    path("api/items/<int:pk>/thumbnail/", api.ItemThumbnail.as_view(), name="item-thumbnail"),
]
