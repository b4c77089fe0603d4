"""What pipelines are made of beside detectors: one file an operator, with its pure function of arrays."""
