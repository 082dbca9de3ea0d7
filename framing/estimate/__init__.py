"""Rates of cues in an archive, corrected for a model's errors by a small labelled sample."""
