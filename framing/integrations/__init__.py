"""Framing cues where users already work: spaCy pipelines, scikit-learn pipelines, pandas and Polars data frames.

Each module needs the library that it is for, and is imported by its own name.
"""
