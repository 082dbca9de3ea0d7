"""Labelled corpora in the formats of their makers and of annotation tools: one module a format, files to `Document`."""
