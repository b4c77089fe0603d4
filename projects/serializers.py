"""The shapes of the API of people, projects, members, labels and items."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from projects.guidelines import rendered
from projects.labels import KINDS, SHAPES
from projects.models import Example, Item, ItemKind, Label, Membership, Project, Role, User
from projects.services import examples
from projects.services.items import MAX_NAME
from projects.services.labels import near

ROLES = {role.label.lower(): role for role in Role}


class RoleField(serializers.ChoiceField):
    """A role by its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list(ROLES), **options)

    def to_internal_value(self, data: Any) -> Any:
        return ROLES[super().to_internal_value(data)]

    def to_representation(self, value: Any) -> str:
        return Role(value).label.lower()


class Person(serializers.ModelSerializer):
    picture = serializers.CharField(source="picture_address", read_only=True, help_text="its address, if there is one")

    class Meta:
        model = User
        fields = ["id", "username", "name", "color", "picture"]


class Me(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username", "name", "email", "color"]


class TokenIn(serializers.Serializer):
    name = serializers.CharField(required=False, allow_blank=True, help_text="what the token is for")


class Credentials(TokenIn):
    """User name and password are left out by someone who is signed in."""

    username = serializers.CharField(required=False)
    password = serializers.CharField(required=False, trim_whitespace=False)


class Token(serializers.Serializer):
    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class ProjectOut(serializers.ModelSerializer):
    role = RoleField()

    class Meta:
        model = Project
        fields = ["id", "name", "guidelines", "version", "role", "demo", "created_at", "archived_at"]


class ProjectWhole(ProjectOut):
    guidelines_html = serializers.SerializerMethodField()

    class Meta(ProjectOut.Meta):
        fields = [*ProjectOut.Meta.fields, "guidelines_html"]

    def get_guidelines_html(self, project: Project) -> str:
        return rendered(project.guidelines)


class ProjectIn(serializers.ModelSerializer):
    class Meta:
        model = Project
        fields = ["name", "guidelines"]


class Versioned(serializers.Serializer):
    """Of changes: when another has changed it since the version that one names, that is told instead of overwritten."""

    version = serializers.IntegerField(required=False)


class ProjectChange(Versioned, ProjectIn):
    class Meta(ProjectIn.Meta):
        fields = [*ProjectIn.Meta.fields, "version"]


class MemberOut(serializers.ModelSerializer):
    user = Person()
    role = RoleField()

    class Meta:
        model = Membership
        fields = ["id", "user", "role", "version", "created_at"]


class HandOver(serializers.Serializer):
    to = serializers.IntegerField(help_text="the id of the other's membership")
    leave = serializers.BooleanField(default=False)


class GuidelinesReadIn(serializers.Serializer):
    fingerprint = serializers.RegexField(r"^[0-9a-z]{1,20}\Z", help_text="of those that one has read")


class RoleIn(serializers.Serializer):
    role = RoleField()


class RoleChange(Versioned, RoleIn):
    pass


class MemberIn(RoleIn):
    username = serializers.CharField()


class AttributeShape(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    options = serializers.ListField(child=serializers.CharField(), required=False)


class LabelOut(serializers.ModelSerializer):
    attributes = AttributeShape(many=True)
    guidelines_html = serializers.SerializerMethodField()
    removed = serializers.SerializerMethodField()

    class Meta:
        model = Label
        fields = ["id", "name", "color", "hotkey", "shapes", "attributes", "guidelines", "guidelines_html"]
        fields += ["position", "version", "removed"]

    def get_guidelines_html(self, label: Label) -> str:
        return "" if label.removed_at else rendered(label.guidelines)

    def get_removed(self, label: Label) -> bool:
        return label.removed_at is not None


class LabelSaved(LabelOut):
    """`note`: what whoever has written it should know, as that another differs from it only in capital letters."""

    note = serializers.SerializerMethodField()

    class Meta(LabelOut.Meta):
        fields = [*LabelOut.Meta.fields, "note"]

    def get_note(self, label: Label) -> str:
        return near(label.project, [label])


class LabelIn(serializers.Serializer):
    """The attributes are checked by projects.labels, whose sentences say more."""

    name = serializers.CharField()
    color = serializers.CharField(required=False)
    hotkey = serializers.CharField(required=False, allow_blank=True)
    shapes = serializers.ListField(child=serializers.ChoiceField(SHAPES), required=False)
    attributes = serializers.JSONField(required=False)
    guidelines = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class LabelChange(Versioned, LabelIn):
    pass


class ExampleIn(serializers.Serializer):
    file = serializers.FileField()


class ExampleOut(serializers.ModelSerializer):
    """A picture for guidelines, and the Markdown that shows it."""

    address = serializers.SerializerMethodField()
    markdown = serializers.SerializerMethodField()

    class Meta:
        model = Example
        fields = ["id", "name", "address", "markdown"]

    def get_address(self, example: Example) -> str:
        return examples.address_of(example)

    def get_markdown(self, example: Example) -> str:
        return examples.markdown_of(example)


class ItemOut(serializers.ModelSerializer):
    media = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()

    class Meta:
        model = Item
        fields = ["id", "project", "kind", "name", "width", "height", "media", "thumbnail"]
        fields += ["created_by", "created_at", "trashed_at"]

    def get_media(self, item: Item) -> str | None:
        return reverse("item-media", args=[item.pk]) if item.kind == ItemKind.IMAGE else None

    def get_thumbnail(self, item: Item) -> str | None:
        return reverse("item-thumbnail", args=[item.pk]) if item.kind == ItemKind.IMAGE else None


class ItemWhole(ItemOut):
    class Meta(ItemOut.Meta):
        fields = [*ItemOut.Meta.fields, "text"]


class TextIn(serializers.Serializer):
    name = serializers.CharField(max_length=MAX_NAME)
    text = serializers.CharField(trim_whitespace=False, allow_blank=True)


class FilesIn(serializers.Serializer):
    files = serializers.ListField(child=serializers.FileField())


class CreatedItem(ItemOut):
    note = serializers.CharField()

    class Meta(ItemOut.Meta):
        fields = [*ItemOut.Meta.fields, "note"]


class RefusedFile(serializers.Serializer):
    name = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class UploadOut(serializers.Serializer):
    """What became of each file; `note` is what one should know of a file that was taken."""

    created = CreatedItem(many=True)
    refused = RefusedFile(many=True)
