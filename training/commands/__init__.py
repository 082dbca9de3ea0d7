"""One module a group of verbs; what is slow to import is imported where it is used."""
