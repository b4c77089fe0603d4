"""The one door for writes: every change to an annotation goes through `perform`."""

from annotator.operations.door import Outcome, Request, perform

__all__ = ["Outcome", "Request", "perform"]
