"""Submissions to rehearse with: wrong and right answers, damaged and hostile notebooks, a class."""
