"""Figures: span scores and their intervals."""
