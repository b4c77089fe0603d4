"""Who may do what: the table that `test_access` tries."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from projects.models import PRESENCE_COLORS, Role

VIEWER, ANNOTATOR, REVIEWER, MANAGER, OWNER = Role
ANYONE, SIGNED_IN, SIGNED_OUT, NO_MEMBER = "anyone", "signed in", "signed out", "no member"
JSON = "application/json"


@dataclass(frozen=True)
class Row:
    """`least`: the lowest role that may, or anyone who is signed in, or anyone at all."""

    method: str
    path: str
    least: Role | str
    success: int = 200
    body: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def expected(self, who: str) -> int:
        if self.least == ANYONE or (self.least == SIGNED_IN and who != "signed out"):
            return self.success
        if self.least == NO_MEMBER:
            return 302 if who in ROLES else self.success
        if self.least == SIGNED_OUT:
            return self.success if who == "signed out" else 302
        if who == "signed out":
            return 401 if self.is_api else 302
        if who == "mallory":
            return 404
        return self.success if ROLES[who] >= self.least else 403


ROLES = {"vera": VIEWER, "bob": ANNOTATOR, "rita": REVIEWER, "manager": MANAGER, "alice": OWNER}
EVERYONE = [*ROLES, "mallory", "signed out"]

LABEL = {"name": "Cup", "color": "#336699", "shapes": ["tag"]}
STATUS = {"type": "set_status", "id": str(uuid4()), "status": "done"}
CREATE = {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "shape": {"type": "tag"}}
BATCH = {"id": str(uuid4()), "action": str(uuid4()), "operations": [CREATE]}
DO = {"type": "status", "id": str(uuid4()), "status": "done"}
TRASH = {"type": "trash", "id": str(uuid4())}
MOVE = {"type": "move", "id": str(uuid4())}
WOULD_MOVE: dict[str, Any] = {"items": []}
READ = {"comment": 0}
ASK = {"back_end": 0}
HEIR = {"to": 0}
DISMISSED = {"thing": str(uuid4()), "verdict": "dismissed"}
GRAPH = {
    "nodes": [{"id": "photos", "kind": "items"}, {"id": "shapes", "kind": "faces", "config": {"label": "Cup"}}],
    "edges": [{"source": "photos", "target": "shapes"}],
}
PREVIEW = {"graph": GRAPH}

TABLE = [
    # Pages
    Row("get", "/healthz", ANYONE),
    Row("get", "/accounts/login/", SIGNED_OUT),
    Row("get", "/enter/{link}/", ANYONE),
    Row("post", "/enter/{link}/", ANYONE, 302),
    Row("post", "/accounts/logout/", ANYONE, 302),
    Row("get", "/join/{invitation}/", NO_MEMBER),
    Row("post", "/join/{invitation}/", ANYONE, 302, {"name": "New"}),
    Row("post", "/join/{invitation}/ask/", ANYONE, 302, {"name": "New"}),
    Row("get", "/projects/{project}/share/", MANAGER),
    Row("post", "/projects/{project}/share/", MANAGER, 200, {"role": 20}),
    Row("post", "/projects/{project}/share/1/revoke/", MANAGER),
    Row("post", "/projects/{project}/requests/1/", MANAGER, 200, {"then": "decline"}),
    Row("post", "/projects/{project}/requests/decline/", MANAGER),
    Row("get", "/accounts/signup/", SIGNED_OUT),
    Row("get", "/accounts/inactive/", ANYONE),
    Row("get", "/accounts/reauthenticate/", SIGNED_IN),
    Row("get", "/accounts/password/change/", SIGNED_IN),
    Row("get", "/accounts/password/set/", SIGNED_IN, 302),
    Row("get", "/accounts/password/reset/", ANYONE),
    Row("get", "/accounts/password/reset/done/", ANYONE),
    Row("get", "/accounts/password/reset/key/1-guessed/", ANYONE),
    Row("get", "/accounts/password/reset/key/done/", ANYONE),
    Row("get", "/accounts/email/", SIGNED_IN),
    Row("get", "/accounts/confirm-email/guessed/", ANYONE),
    Row("get", "/accounts/profile/", SIGNED_IN),
    Row("post", "/accounts/profile/", SIGNED_IN, 302, {"name": "N", "username": "new", "color": PRESENCE_COLORS[0]}),
    Row("get", "/accounts/sessions/", SIGNED_IN),
    Row("post", "/accounts/sessions/", SIGNED_IN, 302),
    Row("get", "/accounts/tokens/", SIGNED_IN),
    Row("post", "/accounts/tokens/", SIGNED_IN, 302),  # where one proves who one is
    Row("get", "/accounts/2fa/", SIGNED_IN),
    Row("get", "/accounts/2fa/authenticate/", ANYONE, 302),
    Row("get", "/accounts/2fa/reauthenticate/", SIGNED_IN, 302),
    Row("get", "/accounts/2fa/totp/activate/", SIGNED_IN, 302),
    Row("get", "/accounts/2fa/totp/deactivate/", SIGNED_IN, 404),
    Row("get", "/accounts/2fa/recovery-codes/", SIGNED_IN, 404),
    Row("get", "/accounts/2fa/recovery-codes/generate/", SIGNED_IN, 302),
    Row("get", "/accounts/2fa/recovery-codes/download/", SIGNED_IN, 404),
    Row("get", "/accounts/oidc/oidc/login/", ANYONE, 404),
    Row("get", "/accounts/oidc/oidc/login/callback/", ANYONE, 404),
    Row("get", "/accounts/social/", SIGNED_IN),
    Row("get", "/accounts/social/signup/", ANYONE, 302),
    Row("get", "/accounts/social/login/cancelled/", ANYONE),
    Row("get", "/accounts/social/login/error/", ANYONE, 401),
    Row("get", "/people/{pictured}/picture/", VIEWER),
    Row("get", "/", SIGNED_IN),
    Row("post", "/projects/new/", SIGNED_IN, 200, {"name": "New"}),
    Row("get", "/projects/{project}/", VIEWER),
    Row("get", "/projects/{project}/pulse/", VIEWER),
    Row("get", "/projects/{project}/dashboard/", VIEWER),
    Row("get", "/projects/{project}/here/", VIEWER),
    Row("get", "/projects/{project}/start/", VIEWER, 302),
    Row("get", "/projects/{project}/download/", VIEWER),
    Row("get", "/projects/{project}/items/{item}/", VIEWER),
    Row("post", "/projects/{project}/reset/", OWNER),
    Row("get", "/projects/{project}/settings/", VIEWER),
    Row("post", "/projects/{project}/settings/", MANAGER, 200, {"name": "Renamed"}),
    Row("post", "/projects/{project}/trash/", OWNER),
    Row("get", "/trash/", SIGNED_IN),
    Row("get", "/projects/{project}/trash/items/", MANAGER),
    Row("post", "/projects/{project}/trash/items/", MANAGER, 200, {"then": "all"}),
    Row("post", "/projects/{trashed_project}/restore/", OWNER),
    Row("post", "/projects/{project}/duplicate/", MANAGER),
    Row("post", "/projects/{project}/archive/", OWNER),
    Row("post", "/projects/{project}/bring-back/", OWNER),
    Row("post", "/projects/{project}/transfer/", OWNER, 200, HEIR),
    Row("post", "/projects/{project}/labels/several/", MANAGER, 200, {"template": "boxes"}),
    Row("post", "/projects/{project}/labels/", MANAGER, 200, {**LABEL, "name": "Plate"}),
    Row("post", "/labels/{label}/", MANAGER, 200, LABEL),
    Row("get", "/labels/{label}/removal/", MANAGER),
    Row("post", "/labels/{label}/removal/", MANAGER, 200, {"then": "keep"}),
    Row("post", "/projects/{project}/members/", MANAGER, 200, {"username": "wanda", "role": 20}),
    Row("post", "/members/{member}/", MANAGER, 200, {"role": 20}),
    Row("post", "/members/{member}/remove/", MANAGER),
    # People
    Row("get", "/api/schema/", ANYONE),
    Row("get", "/api/docs/", ANYONE),
    Row("get", "/api/me/", SIGNED_IN),
    Row("post", "/api/tokens/", SIGNED_IN, 403),  # until one proves who one is
    Row("delete", "/api/tokens/", SIGNED_IN, 401),
    Row("delete", "/api/tokens/?all=1", SIGNED_IN, 204),
    # Projects, labels, members
    Row("get", "/api/projects/", SIGNED_IN),
    Row("post", "/api/projects/", SIGNED_IN, 201, {"name": "New"}),
    Row("get", "/api/projects/{project}/", VIEWER),
    Row("patch", "/api/projects/{project}/", MANAGER, 200, {"name": "Renamed"}),
    Row("delete", "/api/projects/{project}/", OWNER, 204),
    Row("post", "/api/projects/{trashed_project}/purge/", OWNER, 204),
    Row("post", "/api/projects/{project}/archive/", OWNER),
    Row("delete", "/api/projects/{project}/archive/", OWNER, 204),
    Row("post", "/api/projects/{project}/transfer/", OWNER, 204, HEIR),
    Row("post", "/api/projects/{project}/examples/", MANAGER, 400),
    Row("get", "/api/examples/{example}/", VIEWER),
    Row("post", "/api/projects/{project}/guidelines/read/", VIEWER, 204, {"fingerprint": "k3"}),
    Row("get", "/api/projects/{project}/labels/", VIEWER),
    Row("post", "/api/projects/{project}/labels/", MANAGER, 201, {**LABEL, "name": "Plate"}),
    Row("get", "/api/labels/{label}/", VIEWER),
    Row("patch", "/api/labels/{label}/", MANAGER, 200, {"name": "Mug"}),
    Row("delete", "/api/labels/{label}/", MANAGER, 204),
    Row("get", "/api/projects/{project}/members/", VIEWER),
    Row("post", "/api/projects/{project}/members/", MANAGER, 201, {"username": "wanda", "role": "viewer"}),
    Row("get", "/api/members/{member}/", VIEWER),
    Row("patch", "/api/members/{member}/", MANAGER, 200, {"role": "annotator"}),
    Row("delete", "/api/members/{member}/", MANAGER, 204),
    # Items
    Row("get", "/api/projects/{project}/items/", VIEWER),
    Row("post", "/api/projects/{project}/items/", MANAGER, 201, {"name": "a", "text": "b"}),
    Row("get", "/api/projects/{project}/items/?trashed=1", MANAGER),
    Row("get", "/api/items/{item}/", VIEWER),
    Row("delete", "/api/items/{item}/", MANAGER, 204),
    Row("post", "/api/items/{trashed}/restore/", MANAGER),
    Row("post", "/api/items/{trashed}/purge/", MANAGER, 204),
    Row("get", "/api/items/{item}/media/", VIEWER),
    Row("get", "/api/items/{item}/media/?original=1", VIEWER),
    Row("get", "/api/items/{item}/thumbnail/", VIEWER),
    # Imports
    Row("get", "/projects/{project}/imports/now/", MANAGER),
    Row("get", "/imports/{import}/", MANAGER),
    Row("post", "/imports/{import}/choose/", MANAGER),
    Row("post", "/imports/{import}/start/", MANAGER),
    Row("post", "/imports/{import}/cancel/", MANAGER),
    Row("get", "/api/projects/{project}/imports/", MANAGER),
    Row("post", "/api/projects/{project}/imports/", MANAGER, 400),
    Row("get", "/api/imports/{import}/", MANAGER),
    Row("post", "/api/imports/{import}/files/", MANAGER, 409),
    Row("post", "/api/imports/{import}/choose/", MANAGER),
    Row("post", "/api/imports/{import}/start/", MANAGER),
    Row("post", "/api/imports/{import}/cancel/", MANAGER),
    # Back ends
    Row("get", "/projects/{project}/back-ends/", VIEWER),
    Row("get", "/projects/{project}/back-ends/add/", MANAGER),
    Row("post", "/projects/{project}/back-ends/add/", MANAGER, 200, {"address": "nowhere"}),
    Row("post", "/back-ends/{back_end}/look/", MANAGER),
    Row("post", "/back-ends/{back_end}/try/", MANAGER),
    Row("post", "/back-ends/{back_end}/remove/", MANAGER),
    Row("get", "/asked/guessed/picture.jpg", ANYONE, 404),
    Row("get", "/api/projects/{project}/back-ends/", VIEWER),
    Row("post", "/api/items/{item}/ask/", ANNOTATOR, 400, ASK),
    # Runs
    Row("get", "/projects/{project}/find/", MANAGER),
    Row("get", "/projects/{project}/models/", MANAGER),
    Row("post", "/projects/{project}/models/new/", MANAGER, 200, {"draft": "guessed"}),
    Row("get", "/api/projects/{project}/models/", VIEWER),
    Row("post", "/api/projects/{project}/models/", MANAGER, 400),
    Row(
        "post",
        "/api/projects/{project}/models/keep/",
        MANAGER,
        400,
        {"draft": "guessed", "name": "Cups", "kind": "onnx_yolo"},
    ),
    Row("post", "/projects/{project}/learn/", MANAGER),
    Row("post", "/projects/{project}/learn/by-itself/", MANAGER),
    Row("post", "/projects/{project}/order/", MANAGER, 200, {"order": "distance"}),
    Row("get", "/runs/{failed_run}/failures/", VIEWER),
    Row("post", "/runs/{failed_run}/change/", MANAGER, 200, {"to": "again"}),
    Row("get", "/projects/{project}/pipelines/", VIEWER),
    Row("get", "/projects/{project}/pipelines/new/", MANAGER),
    Row("get", "/projects/{project}/pipelines/{pipeline}/", VIEWER),
    Row("get", "/projects/{project}/pipelines/{pipeline}/compare/?a={failed_run}&b={failed_run}", VIEWER),
    Row("post", "/pipelines/{pipeline}/goes-on/", MANAGER),
    Row("get", "/api/detectors/", SIGNED_IN),
    Row("get", "/api/projects/{project}/pipelines/sample/?item={item}", VIEWER),
    Row("get", "/api/pipelines/{pipeline}/versions/", VIEWER),
    Row("post", "/api/pipelines/{pipeline}/versions/", MANAGER, 201, {"graph": GRAPH, "after": 1}),
    Row("get", "/api/pipelines/{pipeline}/versions/1/", VIEWER),
    Row("get", "/api/pipelines/{pipeline}/standing/", VIEWER),
    Row("patch", "/api/pipelines/{pipeline}/", MANAGER, 200, {"name": "Renamed"}),
    Row("get", "/api/runs/{failed_run}/failures/", VIEWER),
    Row("get", "/api/runs/{failed_run}/compare/{failed_run}/", VIEWER, 202),
    Row("get", "/api/projects/{project}/pipelines/", VIEWER),
    Row("post", "/api/projects/{project}/pipelines/", MANAGER, 201, {"name": "Faces", "graph": GRAPH}),
    Row("post", "/api/projects/{project}/pipelines/preview/", MANAGER, 200, PREVIEW),
    Row("post", "/api/pipelines/{pipeline}/versions/1/preview/", VIEWER, 200, PREVIEW),
    Row("post", "/api/projects/{project}/pipelines/check/", MANAGER, 200, {"graph": GRAPH}),
    Row("get", "/api/pipelines/{pipeline}/", VIEWER),
    Row("post", "/api/pipelines/{pipeline}/run/", MANAGER, 201),
    Row("get", "/api/runs/{going_run}/progress/", VIEWER),
    Row("post", "/api/runs/{going_run}/pause/", MANAGER),
    Row("post", "/api/runs/{going_run}/resume/", MANAGER),
    Row("post", "/api/runs/{going_run}/cancel/", MANAGER),
    Row("post", "/api/runs/{failed_run}/retry/", MANAGER),
    Row("get", "/projects/{project}/runs/", VIEWER),
    Row("post", "/runs/{run}/show/", MANAGER),
    Row("post", "/runs/{run}/remove/", MANAGER),
    Row("get", "/api/projects/{project}/runs/", VIEWER),
    Row("patch", "/api/runs/{run}/", MANAGER, 200, {"shown": False}),
    Row("delete", "/api/runs/{run}/", MANAGER, 204),
    # The confusion map
    Row("get", "/api/items/{item}/alike/", VIEWER, 202),
    Row("get", "/projects/{project}/confusion/", VIEWER),
    Row("get", "/projects/{project}/evaluations/{evaluation}/", VIEWER),
    Row("post", "/projects/{project}/evaluations/{evaluation}/costs/", MANAGER, 302),
    Row("get", "/api/projects/{project}/evaluations/", VIEWER),
    Row("post", "/api/projects/{project}/evaluations/", MANAGER, 404, {"run": 0}),
    Row("post", "/api/projects/{project}/verdicts/", VIEWER, 204, DISMISSED),
    Row("post", "/api/projects/{project}/verdicts/", ANNOTATOR, 204, DISMISSED | {"verdict": "kept"}),
    Row("get", "/api/projects/{project}/slices/", VIEWER),
    Row("post", "/api/projects/{project}/slices/", ANNOTATOR, 201, {"name": "Hard", "things": [str(uuid4())]}),
    Row("get", "/api/slices/{slice}/", VIEWER),
    Row("delete", "/api/slices/{slice}/", ANNOTATOR, 204),
    Row("get", "/api/evaluations/{evaluation}/", VIEWER),
    Row("post", "/api/evaluations/{evaluation}/", MANAGER),
    Row("delete", "/api/evaluations/{evaluation}/", MANAGER, 204),
    Row("get", "/api/evaluations/{evaluation}/points/", VIEWER),
    Row("get", "/api/evaluations/{evaluation}/now/", VIEWER),
    Row("post", "/api/evaluations/{evaluation}/glance/", VIEWER, 200, {"ids": [], "items": []}),
    # Sheets
    Row("get", "/api/items/{item}/open/", VIEWER),
    Row("get", "/api/items/{item}/to-label/", ANNOTATOR),
    Row("post", "/api/items/{item}/to-label/", ANNOTATOR),
    Row("get", "/api/items/{item}/to-review/", REVIEWER),
    Row("get", "/api/sheets/{sheet}/annotations/", VIEWER),
    Row("post", "/api/sheets/{sheet}/operations/", ANNOTATOR, 200, BATCH),
    Row("post", "/api/sheets/{sheet}/status/", ANNOTATOR, 200, STATUS),
    Row("get", "/api/sheets/{sheet}/log/", VIEWER),
    # Comments: alice, the owner, wrote the one that is there
    Row("get", "/api/items/{item}/comments/", VIEWER),
    Row("get", "/api/items/{item}/suggestions/", VIEWER),
    Row("post", "/api/items/{item}/comments/", VIEWER, 201, {"text": "Is this a cup?"}),
    Row("post", "/api/items/{item}/comments/read/", VIEWER, 204, READ),
    Row("patch", "/api/comments/{comment}/", OWNER, 200, {"text": "A mug, then."}),
    Row("delete", "/api/comments/{comment}/", OWNER, 204),
    Row("get", "/api/notices/", SIGNED_IN),
    Row("delete", "/api/notices/", SIGNED_IN, 204),
    Row("get", "/notices/0/", SIGNED_IN, 404),
    Row("post", "/api/comments/{comment}/resolve/", ANNOTATOR, 200, {}),
    Row("get", "/api/projects/{project}/formats/", VIEWER),
    Row("get", "/api/projects/{project}/grid/?counts=1&q=words", VIEWER),
    Row("post", "/api/projects/{project}/bulk/", ANNOTATOR, 200, DO),
    Row("post", "/api/projects/{project}/suggested/", VIEWER, 200, {"items": [1]}),
    # Saved filters: alice, the owner, shares the one that is there
    Row("get", "/api/projects/{project}/filters/", VIEWER),
    Row("post", "/api/projects/{project}/filters/", VIEWER, 201, {"name": "Mine", "query": "status=done"}),
    Row("patch", "/api/filters/{filter}/", OWNER, 200, {"name": "Finished"}),
    Row("delete", "/api/filters/{filter}/", MANAGER, 204),
    Row("post", "/api/projects/{project}/bulk/", MANAGER, 200, TRASH),
    Row("post", "/api/projects/{project}/bulk/", MANAGER, 200, MOVE),
    Row("post", "/api/projects/{project}/moving/", MANAGER, 200, WOULD_MOVE),
]
# An export sets its transaction up anew, so no other may be open around it.
EXPORTS = [
    Row("get", "/api/projects/{project}/export/?format=jsonl", VIEWER),
    Row("get", "/api/projects/{project}/export/?format=coco&media=1", VIEWER),
]
