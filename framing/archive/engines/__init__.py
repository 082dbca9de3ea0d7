"""Engines that run shards: one module each, a function from shards to outcomes."""
