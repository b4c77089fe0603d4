"""The one door for writes: every change to an annotation goes through `perform` or `perform_many`."""

from annotator.operations.door import Frame, Outcome, Request, perform, perform_many

__all__ = ["Frame", "Outcome", "Request", "perform", "perform_many"]
