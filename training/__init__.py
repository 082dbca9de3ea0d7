"""Training of cue models; run from a clone, not part of the wheel."""
