"""The kinds of detectors: each is one module and a line of the registry, so that nobody imports what they don't run."""
