"""Pipelines, runs, and what they proposed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import ngettext

from annotator.models import Version
from projects.models import Item, ItemKind, Label, Project, User


class Weights(models.Model):
    """A file that a detector works with, learned here or uploaded; it is never changed. It lies in storage under its
    SHA-256, the `digest`. `kind` says which detectors can work with it; `facts` is what people are told of it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="weights")
    name = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name", "number"], name="weights_are_numbered")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Learning(models.Model):
    """Whether a project learns from its labels just now, by whose word, and what is to be said of that: how far it is,
    or why it could not. It is under way where `until` says something: as long as who does it holds the `lease`; then it
    is another's. `begun` counts who has begun with it. With `automatic` it begins anew by itself when so much was
    labelled: `fresh` counts that, up to the `operation`. Images it sees with the `embedder`, a model of the
    project's, or with what is built in."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="learning")
    automatic = models.BooleanField(default=False)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    until = models.DateTimeField(null=True, db_index=True)
    lease = models.PositiveIntegerField(default=0, db_default=0)
    begun = models.PositiveIntegerField(default=0, db_default=0)
    detail = models.CharField(max_length=1000, blank=True)
    operation = models.BigIntegerField(default=0)
    fresh = models.PositiveIntegerField(default=0, db_default=0)
    embedder = models.ForeignKey(Weights, models.SET_NULL, null=True, related_name="+", db_index=False)


class VectorField(models.Field):
    """pgvector's, of any dimensions. detectors.vectors reads and writes it."""

    def db_type(self, connection: object) -> str:
        return "vector"


class Embedding(models.Model):
    """What an item looks like to an embedder, or a `place` in it (detectors.embeddings.place): an item never changes,
    nor does what is in a place."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="+", db_index=False)
    embedder = models.CharField(max_length=64)
    place = models.CharField(max_length=64, blank=True, default="", db_default="")
    vector = VectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "embedder", "place"], name="a_place_is_embedded_once")]


class HeldOut(models.Model):
    """The probabilities, by label, that was told of a labelled thing by who had learned the same, but not from its
    item. Of weights of one name those of the latest number are kept."""

    weights = models.ForeignKey(Weights, models.CASCADE, related_name="held_out")
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    annotation = models.UUIDField()
    label = models.ForeignKey(Label, models.PROTECT, related_name="+", db_index=False)
    probabilities = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["weights", "annotation"], name="a_thing_is_held_out_once")]


class Source(models.TextChoices):
    IMPORT = "import"
    PIPELINE = "pipeline"
    ASKED = "asked"  # by who labels


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    CANCELLED = "cancelled", "Cancelled"
    DONE = "done", "Done"


class Scope(models.TextChoices):
    """On what a run was begun."""

    ALL = "all"
    FILTER = "filter"
    CHOSEN = "chosen"
    ADDED = "added"


class Pipeline(models.Model):
    """A graph of detectors and operators under a name; its latest version is what it is now. With `goes_on` it is run
    on each item that is added to the project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="pipelines")
    name = models.CharField(max_length=200)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    goes_on = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="names_of_pipelines_differ")]

    def __str__(self) -> str:
        return self.name


class PipelineVersion(models.Model):
    """What a pipeline was once saved as; what it does never changes. `graph` is detectors.pipelines.graph's as JSON."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    graph = models.JSONField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pipeline", "number"], name="versions_are_numbered")]


class Run(models.Model):
    """A model's proposals for items of a project. One that was imported goes by the `digest` of its file.
    `size` is the number of its predictions: to count millions takes too long for a page. Those of one that is `shown`
    are suggested to who labels. Of one that was removed those predictions stay that somebody has decided about.

    `scope` says on what a pipeline was begun, `query` by which filter of the grid, and `count` how many items that are.
    `labels` are the project's ids by the names that they had then: what is renamed meanwhile is still found.
    `since` when it runs, as long as nobody pauses it.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="runs")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=10, choices=Source.choices)
    digest = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    shown = models.BooleanField(default=True, db_default=True)
    version = models.ForeignKey(PipelineVersion, models.PROTECT, null=True, related_name="runs")
    state = models.CharField(
        max_length=9, choices=RunState.choices, default=RunState.DONE, db_default=RunState.DONE.value
    )
    scope = models.CharField(max_length=6, choices=Scope.choices, default=Scope.ALL, db_default=Scope.ALL.value)
    query = models.CharField(max_length=2000, blank=True, db_default="")
    count = models.PositiveIntegerField(default=0, db_default=0)
    labels = models.JSONField(default=dict, db_default={})
    since = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "digest"], condition=~Q(digest="") & Q(removed_at=None), name="a_file_is_one_run"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="a_run_is_of_one_of_the_sources"),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(shown=False), name="what_is_removed_is_not_shown"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def told(self) -> str:
        """On what it was begun, in words."""
        n = {"n": f"{self.count:,}"}
        match self.scope:
            case Scope.FILTER:
                return ngettext("%(n)s item that fits a filter", "%(n)s items that fit a filter", self.count) % n
            case Scope.CHOSEN:
                return ngettext("%(n)s chosen item", "%(n)s chosen items", self.count) % n
            case Scope.ADDED:
                return ngettext("%(n)s item that was added", "%(n)s items that were added", self.count) % n
        return ngettext("%(n)s item", "all %(n)s items", self.count) % n


class Shard(models.Model):
    """Some items of a run, done by one worker at a time: until when `leased_until` says. Who comes to an end under an
    older number of the `lease` has lost it, and what they found is not taken. `ended` counts leases that ran out."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    items = models.JSONField()
    lease = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    ended = models.PositiveIntegerField(default=0)
    host = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="shards_are_numbered")]
        indexes = [models.Index(fields=["run", "number"], condition=Q(done_at=None), name="shards_to_be_done")]


class Comparison(models.Model):
    """Of two runs, as `told` by a worker: detectors.comparing.Compared as JSON. `stamp` says of what they had found."""

    a = models.ForeignKey(Run, models.CASCADE, related_name="+")
    b = models.ForeignKey(Run, models.CASCADE, related_name="+")
    stamp = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True)
    told = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["a", "b"], name="runs_are_compared_once")]


class Failure(models.Model):
    """Why a node of a run's pipeline has nothing for an item."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="failures")
    item = models.ForeignKey(Item, models.CASCADE, related_name="+", db_index=False)
    node = models.CharField(max_length=64)
    detail = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "item", "node"], name="a_node_fails_once_an_item")]


class Output(models.Model):
    """What a node found in an item once. `node` is the hash of what made it so; an item never changes."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="+", db_index=False)
    node = models.CharField(max_length=64)
    found = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "node"], name="outputs_are_kept_once")]


class Prediction(models.Model):
    """One labelled shape that a run proposed, and how sure it was. Its id is made of run, item, node and index, so that
    the same one has the same id every time. What a later run of the pipeline has looked at anew is `replaced`. The
    `probabilities` are those of all classes of the detector, by their names, where it tells them."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, models.CASCADE, related_name="predictions")
    item = models.ForeignKey(Item, models.CASCADE, related_name="predictions", db_index=False)
    label = models.ForeignKey(Label, models.PROTECT, related_name="+", db_index=False)
    shape = models.JSONField()
    score = models.FloatField()
    probabilities = models.JSONField(null=True)
    replaced = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["item", "run"], name="predictions_of_items")]


class Undecided(models.Model):
    """Whether something is suggested for an item and nobody has decided (`open`), on the shared sheet or on a person's,
    as it was found when that had come to the `clock`, and the project to what `by` stands for. No database key ties it
    to the item: 100,000 are written at a time."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False)
    clock = models.BigIntegerField()
    by = models.BigIntegerField()
    open = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "person"], nulls_distinct=False, name="an_item_is_kept_once")
        ]


class BackEnd(models.Model):
    """A server that a project asks by Label Studio's protocol. `secret` is encrypted and never shown again.

    `stamp` is what its outputs are known by: the version of its model as it told when a run began, or where it tells
    none, something new each time. `said` is what was wrong when it was looked at last.
    """

    class Pictures(models.TextChoices):
        LINK = "link", "by a link to this server"
        DATA = "data", "within the request"

    project = models.ForeignKey(Project, models.CASCADE, related_name="back_ends")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=500)
    user = models.CharField(max_length=200, blank=True)
    secret = models.TextField(blank=True)
    pictures = models.CharField(max_length=4, choices=Pictures.choices, default=Pictures.LINK)
    interactive = models.BooleanField(default=False)
    model_version = models.CharField(max_length=200, blank=True)
    stamp = models.CharField(max_length=64, blank=True)
    said = models.CharField(max_length=1000, blank=True)
    looked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="names_of_back_ends_differ")]

    def __str__(self) -> str:
        return self.name


class Subject(models.TextChoices):
    """What is compared."""

    BOXES = "boxes"
    POLYGONS = "polygons"
    SPANS = "spans"
    TAGS = "tags"


class EvaluationState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Evaluation(models.Model):
    """What a model says, matched with what people say: the predictions of a `run`, or what was told of each labelled
    thing when `weights` were learned by who had learned the same, but not from it.

    The labels are those of the `version`; with `follows` what people have changed since is shown, too. Predictions
    match what they cover by `least` or more, of the `classes` that detectors.evaluation.matching names. It is under way
    where `until` says something, under a lease as detectors.models.Learning. What came out lies in storage as
    detectors.confusion.columns has it, under its SHA-256, the `digest`; `facts` is what is told of it.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="evaluations")
    name = models.CharField(max_length=300)
    subject = models.CharField(max_length=8, choices=Subject.choices)
    kind = models.CharField(max_length=5, choices=ItemKind.choices)
    run = models.ForeignKey(Run, models.CASCADE, null=True, related_name="evaluations")
    weights = models.ForeignKey(Weights, models.CASCADE, null=True, related_name="evaluations")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+", db_index=False)
    follows = models.BooleanField(default=True)
    least = models.FloatField(default=0.5)
    classes = models.CharField(max_length=10, default="same first")
    state = models.CharField(max_length=7, choices=EvaluationState.choices, default=EvaluationState.WAITING)
    detail = models.CharField(max_length=1000, blank=True)
    until = models.DateTimeField(null=True, db_index=True)
    lease = models.PositiveIntegerField(default=0)
    begun = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(run=None, weights__isnull=False) | Q(run__isnull=False, weights=None),
                name="an_evaluation_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Verdict(models.Model):
    """What somebody said of what was listed as a likely mistake, by the id of its annotation or prediction: that it is
    right as it is with this label (for all), or that they do not want to see it (a `person`)."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    thing = models.UUIDField()
    label = models.ForeignKey(Label, models.PROTECT, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_index=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "thing", "label", "person"], nulls_distinct=False, name="a_verdict_is_given_once"
            )
        ]


class Costs(models.Model):
    """What mistakes cost a project, in whatever one counts: by label's id what a false alarm and what a miss costs, and
    what a thing may cost on average."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="costs")
    labels = models.JSONField(default=dict)
    bearable = models.FloatField(null=True)


class Order(models.TextChoices):
    """In what order items are handed out to be labelled."""

    OLDEST = "oldest", "Oldest first"
    UNCERTAINTY = "uncertainty", "Where the model is least sure"
    DISAGREEMENT = "disagreement", "Where models disagree most"
    DISTANCE = "distance", "What looks least like what is labelled"
    MIXTURE = "mixture", "A mixture of these"


class Queue(models.Model):
    """In what `order` a project's items are handed out. It is reckoned anew when there is more to go by; `detail` says
    why it could not be."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="queue")
    order = models.CharField(max_length=12, choices=Order.choices, default=Order.OLDEST)
    detail = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(null=True)


class Slice(models.Model):
    """Things that somebody has chosen on the map, under a name: ids of annotations and predictions, as 32 digits."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="slices")
    name = models.CharField(max_length=100)
    things = models.JSONField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="names_of_slices_differ")]

    def __str__(self) -> str:
        return self.name
