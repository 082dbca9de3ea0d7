"""Peak memory of training the default recipe: `make bench-memory` (some minutes on two cores).

Trains the first `STEPS` updates of `configs/default.yaml`, which begin with the longest windows, judges `DEV` passages
of dev, and prints what the run folder says: the most memory that the process held since it started.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from training.config import load_config
from training.run import Run

STEPS = 60
DEV = 256
LIMIT_GIB = 4.0


def main(corpus: Path) -> bool:
    """Print the peak; tells whether it is within the limit."""
    recipe = load_config(Path("configs/default.yaml"))
    passages = len((corpus / "train.jsonl").read_text(encoding="utf-8").splitlines())
    with tempfile.TemporaryDirectory() as folder:
        overrides = [
            f"output={folder}",
            f"data.train=[{corpus / 'train.jsonl'}]",
            f"data.dev=[{corpus / 'dev.jsonl'}]",
            f"data.dev_limit={DEV}",
            f"training.epochs={STEPS * recipe.training.batch_size / passages}",
        ]
        subprocess.run([sys.executable, "-m", "framing", "train", "configs/default.yaml", *overrides], check=True)
        run = Run(Path(folder))
        found = run.read_json("dev.metrics.json")
        (line,) = (run.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    print(line)
    print(f"peak memory: {found['peak_memory_gib']:.2f} GiB, of {LIMIT_GIB:g} allowed")
    return bool(found["peak_memory_gib"] <= LIMIT_GIB)


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1])))
