"""What a release must be: `python tests/release.py WHEEL`, called by `make release-check`.

The wheel holds the package, the default model, licence and metadata, and nothing else; installed alone in an empty
environment it scores the example article.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from framing.hub import FILES

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 25_000_000


def strangers(names: list[str]) -> list[str]:
    """Give the files that no wheel of ours should hold."""
    metadata = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
    ours = ("framing/", f"{metadata}/")
    return [name for name in names if not name.startswith(ours) or "__pycache__" in name or name.endswith(".pyc")]


def main(wheel: Path) -> None:
    """Check the wheel; raises `SystemExit` with what is wrong."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    if found := strangers(names):
        sys.exit(f"{wheel.name}: holds {', '.join(found[:5])}")
    if lacking := {name for name in FILES if f"framing/models/default/{name}" not in names}:
        sys.exit(f"{wheel.name}: the default model lacks {', '.join(sorted(lacking))}")
    if wheel.stat().st_size > LARGEST:
        sys.exit(f"{wheel.name}: {wheel.stat().st_size:,} bytes; at most {LARGEST:,}")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True)
        article = str(ROOT / "examples" / "article.txt")
        # From another folder, so that the package and not the clone is imported.
        scored = subprocess.run(
            [python, "-m", "framing", "score", article, "--format", "jsonl"],
            check=True,
            cwd=folder,
            capture_output=True,
            text=True,
        ).stdout
        if '"status": "ok"' not in scored or '"label"' not in scored:
            sys.exit(f"{wheel.name}: installed alone it finds nothing in the example article: {scored[:200]}")
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size:,} bytes; scores the example article")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
