"""Drawings of notebook 00: numbers on pixels, boxes and arrows, and small experiments."""
