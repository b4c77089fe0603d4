"""Servers of Label Studio's ML protocol, which people have already, as detectors: asked over HTTP what they see."""
