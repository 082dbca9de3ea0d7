"""Weak supervision: labelling functions vote spans on unlabelled text, and a label model weighs the votes."""
