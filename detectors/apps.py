from django.apps import AppConfig


class DetectorsConfig(AppConfig):
    name = "detectors"

    def ready(self) -> None:
        from annotator import beside, proposals
        from annotator.api import STRUCTS
        from detectors import (
            arriving,
            back_end_views,
            confusion_views,
            keeping,
            lessons,
            model_views,
            storing,
            suggesting,
            undecided,
            views,
        )
        from detectors.alike import AlikeOut
        from detectors.api import SuggestionsOut
        from detectors.asking import Answered, Ask, BackEndOut
        from detectors.backends import keeping as back_ends
        from detectors.comparing import Compared
        from detectors.confusion import asking, saying, slicing
        from detectors.confusion.telling import EvaluationNow, ThingCard
        from detectors.confusion_api import EvaluationOut, Glance
        from detectors.kinds.registry import Listed
        from detectors.previewing import Previewed
        from detectors.running import Progress
        from detectors.samples import Sample
        from detectors.saving import Checked
        from detectors.standing import Standing, WhyFailed
        from projects import events

        proposals.keeper = keeping
        proposals.suggester = suggesting
        proposals.undecided = undecided
        beside.parts.extend([confusion_views.drawn, views.drawn, back_end_views.drawn, model_views.drawn])
        STRUCTS.extend([Answered, Ask, BackEndOut, SuggestionsOut, Checked, Listed, Previewed, Progress, Sample])
        STRUCTS.extend([Compared, Standing, WhyFailed, asking.AskEvaluation, ThingCard, EvaluationNow, EvaluationOut])
        STRUCTS.extend([saying.Say, Glance, AlikeOut, slicing.KeepSlice, slicing.SliceOut])
        events.demo_built.connect(lessons.of_demo)
        events.relabelled.connect(lessons.at_once)
        events.items_added.connect(arriving.added)
        events.items_restored.connect(arriving.restored)
        events.items_erased.connect(keeping.forget)
        events.project_erased.connect(keeping.forget_runs)
        events.project_erased.connect(asking.forget)
        events.project_erased.connect(storing.forget_weights)
        events.project_erased.connect(back_ends.forget)
