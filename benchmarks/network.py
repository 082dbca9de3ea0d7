"""What a trained network says of labelled documents, before it is exported."""

from __future__ import annotations

from collections.abc import Sequence

from framing.cues import Cue
from framing.decode import WindowLogits
from framing.spans import Document
from framing.tokens import WindowTokenizer
from training.config import Config
from training.parity import Dev, torch_logits
from training.run import Run
from training.tagger import restore


def say(run: Run, config: Config, documents: Sequence[Document]) -> tuple[Dev, list[WindowLogits]]:
    """Give the documents as the network reads them, and its logits in floats."""
    kept = run.read_json("cues.json")
    cues = tuple(Cue.from_record(record, where="cues.json") for record in kept["cues"])
    model = config.model
    tokenizer = WindowTokenizer.from_file(
        run.folder / "tokenizer.json", window=model.window, stride=model.stride, rules=model.rules
    )
    dev = Dev(list(documents), list(tokenizer.tokenize_documents(documents)), cues)
    tagger = restore(run.best, run.folder / "encoder", len(cues))
    return dev, torch_logits(tagger, dev, tokenizer, kept["pad_id"], len(documents))
