"""Find framing cues in news text, say whose voice each is in, and score articles and archives.

>>> import framing
>>> scorer = framing.load()
>>> result = scorer.score("The so-called truce held.")
>>> [(span.label, span.voice) for span in result.spans]
[('distancing', 'author')]
"""

from importlib.metadata import version

from framing.cues import Cue
from framing.errors import FramingError
from framing.scorer import ScoredDocument, Scorer
from framing.show import show
from framing.spans import CueSpan, Designation, Document

__version__ = version("framing")
__all__ = [
    "Cue",
    "CueSpan",
    "Designation",
    "Document",
    "FramingError",
    "ScoredDocument",
    "Scorer",
    "__version__",
    "load",
    "show",
]

load = Scorer.load
