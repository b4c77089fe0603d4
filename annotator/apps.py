from django.apps import AppConfig


class AnnotatorConfig(AppConfig):
    name = "annotator"

    def ready(self) -> None:
        from annotator import attributes, notices, relabelling
        from projects import events

        events.attributes_changed.connect(attributes.follow)
        events.asked_to_join.connect(notices.tell_managers)
        events.items_assigned.connect(notices.tell_assignees)
        events.join_answered.connect(notices.tell_who_asked)
        events.items_restored.connect(relabelling.come_back)
        events.items_restored.connect(attributes.come_back)
