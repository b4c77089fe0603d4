"""Starts the product's parts as direct children, starts again what dies, and stops them in order."""
