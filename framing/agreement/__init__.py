"""How well annotators agree: coefficients with intervals, what they disagree on, and a page to settle it.

`annotators` reads and joins the files; `alpha` and `unitizing` are Krippendorff's coefficients, `gamma` is Mathet's,
`study` computes all figures; `passages` lists what is to be settled, `decisions` makes gold of what was decided;
`sheets` and `outputs` show it. They need SciPy (extra `evaluate`).
"""
