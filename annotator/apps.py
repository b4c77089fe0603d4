from django.apps import AppConfig


class AnnotatorConfig(AppConfig):
    name = "annotator"

    def ready(self) -> None:
        from annotator import attributes, relabelling
        from projects import events

        events.attributes_changed.connect(attributes.follow)
        events.items_restored.connect(relabelling.come_back)
        events.items_restored.connect(attributes.come_back)
