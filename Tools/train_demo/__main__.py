"""Command line of Tools/train-demo."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import torch

from .batches import Batches
from .corpus import Corpus, CorpusError, load_corpus
from .export import export
from .models import SPECS, Spec
from .record import write_record
from .tokenizer import Tokenizer, learn_merges
from .training import Trainer
from .verify import Mismatch, verify

ROOT = Path(__file__).resolve().parents[2]
# Merges are learned while a pair occurs this often in the captions, and there are fewer than the second number.
RAREST_PAIR, MOST_MERGES = 5, 4000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="Tools/train-demo",
        description="Renders the demo world where it is missing, trains the demo's models on it, and checks them "
        "against clip-eval. An interrupted run continues where its last checkpoint was.",
    )
    parser.add_argument("--world", type=Path, default=ROOT / ".build/demo-world", metavar="DIR",
                        help="the rendered world (default: .build/demo-world)")  # fmt: skip
    parser.add_argument("--models", default=",".join(SPECS), help=f"default: {','.join(SPECS)}")
    parser.add_argument("--output", type=Path, default=ROOT / "Demo/models", metavar="DIR",
                        help="where model folders are written (default: Demo/models)")  # fmt: skip
    parser.add_argument("--work", type=Path, metavar="DIR",
                        help="checkpoints and decoded images (default: WORLD/training)")  # fmt: skip
    parser.add_argument("--samples", type=int, help="pairs to train on, instead of each model's own number")
    parser.add_argument("--threads", type=int, default=2,
                        help="threads, on which the last bits of the weights depend (default: 2)")  # fmt: skip
    parser.add_argument("--programs", type=Path, metavar="DIR",
                        help="folder with clip-eval and demo-world, instead of those built here")  # fmt: skip
    parser.add_argument("--verify", action="store_true", help="train nothing, check the models there are")
    return parser.parse_args()


def program(name: str, folder: Path | None) -> Path:
    """A program of this package: in the folder, else built here, else on the PATH; built where there is none."""
    if folder is not None:
        return folder / name
    built = ROOT / ".build/release" / name
    if built.is_file():
        return built
    if found := shutil.which(name):
        return Path(found)
    subprocess.run(["swift", "build", "-c", "release", "--product", name], cwd=ROOT, check=True)
    return built


def main() -> int:
    options = arguments()
    names = options.models.split(",")
    if unknown := [name for name in names if name not in SPECS]:
        print(f"no such model: {', '.join(unknown)}; there are {', '.join(SPECS)}", file=sys.stderr)
        return 64
    specs = [SPECS[name] for name in names]
    if options.samples is not None:
        specs = [dataclasses.replace(spec, samples=options.samples) for spec in specs]
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    # Spares the filling of every new tensor, which only programs that read uninitialised memory would notice.
    torch.utils.deterministic.fill_uninitialized_memory = False
    if not any((options.world / "corpus").glob("*.tar")):
        command = [program("demo-world", options.programs), "render", "--output", options.world]
        subprocess.run(command, check=True)
    try:
        work = options.work or options.world / "training"
        corpus = load_corpus(options.world, work)
        train_each(specs, options, corpus, work)
    except (CorpusError, Mismatch) as error:
        print(f"train-demo: {error}", file=sys.stderr)
        return 65
    except KeyboardInterrupt:
        print("train-demo: interrupted; the same command continues", file=sys.stderr)
        return 130
    return 0


def train_each(specs: list[Spec], options: argparse.Namespace, corpus: Corpus, work: Path) -> None:
    tokenizer = Tokenizer(learn_merges(corpus.captions, RAREST_PAIR, MOST_MERGES))
    print(f"{len(corpus.captions)} pairs, {len(tokenizer)} tokens", file=sys.stderr)
    for spec in specs:
        folder = options.output / spec.name
        batches = Batches(corpus, tokenizer, spec.batch, spec.seed, spec.crop_padding)
        if not options.verify:
            identity = json.dumps([dataclasses.asdict(spec), corpus.fingerprint, len(tokenizer)])
            name = hashlib.sha256(identity.encode()).hexdigest()[:12]
            checkpoint = work / f"{spec.name}-{name}.pt"
            trainer = Trainer(spec, len(tokenizer), batches, checkpoint, identity)
            progress = trainer.run()
            export(trainer.model, spec, tokenizer, folder)
            write_record(folder, spec, corpus, trainer.model, progress, batches)
        agreement = verify(spec, folder, corpus, batches.held_out, program("clip-eval", options.programs))
        print(f"{spec.name}: clip-eval agrees: {agreement}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
