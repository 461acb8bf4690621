"""`python -m core.locale`: bring the catalogues up to date with the code; `--check` only looks."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.locale import FOLDER
from core.locale.upkeep import problems, sentences_in, updated

ROOT = FOLDER.parent.parent


def main(arguments: list[str], *, root: Path = ROOT, folder: Path = FOLDER) -> int:
    """Update every .po file in `folder`, say what is still to translate, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.locale", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail on any gap")
    check = parser.parse_args(arguments).check
    sentences = sentences_in(root)
    gaps: list[str] = []
    for path in sorted(folder.glob("*.po")):
        written = path.read_text(encoding="utf-8")
        if not check:
            written = updated(written, path.stem, sentences)
            path.write_text(written, encoding="utf-8")
        gaps.extend(problems(written, path.stem, sentences))
    sys.stdout.write("".join(f"{gap}\n" for gap in gaps))
    sys.stdout.write(f"{len(sentences)} sentences, {len(gaps)} to look at\n")
    return 1 if check and gaps else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
