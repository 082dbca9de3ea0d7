"""From probabilities to decisions: temperatures, isotonic maps and thresholds, fitted on labelled records."""
