"""Scoring archives of many files: planned into shards, each scored exactly once, into Parquet tables."""
