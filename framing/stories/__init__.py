"""The same story in different words: articles on one event, grouped across outlets, and how their cues differ.

`articles` reads what was scored, `similar` finds articles alike within a few days, `group` makes stories of them,
`contrast` compares outlets within stories, `actors` and `names` say who is called what by whom, `concordance` lists
every cue in its context; `run` does it all, `sheets` and `outputs` show it. They need SciPy (extra `evaluate`).
"""
