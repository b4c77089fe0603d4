"""Graphs of detectors and operators: what they are made of, whether they fit together, and how they are carried out."""
