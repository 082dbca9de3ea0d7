"""Readers and writers: one module a format, each an iterator of records."""
