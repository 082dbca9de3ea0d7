"""Figures that a reviewer accepts: span and sentence scores with intervals, tests and errors.

`inputs` reads gold and predictions; `columns` lays spans on one line, `matching` pairs them, `schemes`, `ptc` and
`spans` count; `credit` makes figures of counts, `bootstrap` and `significance` their intervals and tests; `evaluation`
puts these together, `results` and `sheets` say what was found, `run` does it all. They need SciPy (extra `evaluate`).
"""
