from django.apps import AppConfig


class AnnotatorConfig(AppConfig):
    name = "annotator"

    def ready(self) -> None:
        from annotator import attributes
        from projects import events

        events.attributes_changed.connect(attributes.follow)
