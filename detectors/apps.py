from django.apps import AppConfig


class DetectorsConfig(AppConfig):
    name = "detectors"

    def ready(self) -> None:
        from annotator import proposals
        from detectors import keeping
        from projects import events

        proposals.keeper = keeping
        events.items_erased.connect(keeping.forget)
        events.project_erased.connect(keeping.forget_runs)
