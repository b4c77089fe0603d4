"""The one door for writes: every change to an annotation goes through `perform` or `perform_many`."""

from annotator.operations.door import Outcome, Request, perform, perform_many

__all__ = ["Outcome", "Request", "perform", "perform_many"]
