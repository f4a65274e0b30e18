"""Grading of the notebooks with nbgrader: release, intake, repair, guarded execution, feedback.

docs/INSTRUCTORS.md says how to use it. Nothing here is imported by ``helpers`` or by a lesson.
"""
