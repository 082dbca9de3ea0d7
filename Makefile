# make demo: install what scoring needs and score the example article.  make test: the rest, and all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
RUN ?= runs/default
CORPUS ?= ../shared/corpus
CORPORA ?= ../shared/corpora
NEWS ?= ../shared/news/articles.jsonl.gz

.PHONY: demo test lint types model schema clean
.PHONY: $(addprefix bench-,dev cold-start throughput corpora peers ptc active baselines babe imbalance memory weak evaluate archive archive-speed archive-kills archive-memory archive-linear)

demo: $(VENV)/core
	$(BIN)/framing score examples/article.txt --format pretty --color always
	$(BIN)/framing score examples/article.txt -o demo/article.html
	@echo "the same as a page: demo/article.html"

test: lint types
	$(BIN)/pytest -q

lint: $(VENV)/all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/all
	$(BIN)/mypy

# Trains the default model again and puts it into the package (under an hour on two cores; run again, it goes on).
model: $(VENV)/all
	$(BIN)/framing train configs/default.yaml output=$(RUN) $(if $(wildcard $(RUN)/config.yaml),--resume)
	$(BIN)/framing export $(RUN) -o framing/models/default
	$(BIN)/framing gate framing/models/default $(NEWS) --train $(CORPUS)/train.jsonl --dev $(CORPUS)/dev.jsonl

bench-dev: $(VENV)/all
	$(BIN)/python benchmarks/dev.py $(CORPUS)/dev.jsonl

bench-cold-start: $(VENV)/all
	$(BIN)/python benchmarks/cold_start.py

bench-throughput: $(VENV)/all
	$(BIN)/python benchmarks/throughput.py $(CORPUS)/dev.jsonl $(RUN)

bench-corpora: $(VENV)/all
	$(BIN)/python benchmarks/corpora.py $(CORPORA)

# Beside SpanMarker and spaCy's spancat, in environments that it makes under .venv-peers; run again, it goes on.
bench-peers: $(VENV)/all
	$(BIN)/python benchmarks/peers --corpus $(CORPUS) --ptc $(CORPORA)/ptc

bench-ptc: $(VENV)/all
	$(BIN)/python benchmarks/ptc.py runs/bench-ptc

# The JSON schema of recipes, after a change of training/config.py.
schema: $(VENV)/all
	$(BIN)/python -m training.schema

# What `framing select` saves against random choice (some minutes on one core).
bench-active: $(VENV)/all
	$(BIN)/python benchmarks/active.py $(CORPUS)

# The cue corpus, then BABE without the network.
bench-baselines: $(VENV)/all
	$(BIN)/python benchmarks/baselines.py $(CORPUS)
	$(BIN)/python benchmarks/babe.py $(CORPORA)/babe/final_labels_SG2.csv -o runs/bench-babe --systems majority tfidf

# With the network, five trainings; run again after an interruption, it goes on.
bench-babe: $(VENV)/all
	$(BIN)/python benchmarks/babe.py $(CORPORA)/babe/final_labels_SG2.csv -o runs/bench-babe

# An hour on two free cores, by estimate; run again, it goes on.
bench-imbalance: $(VENV)/all
	$(BIN)/python benchmarks/imbalance.py $(CORPUS) runs/imbalance

bench-memory: $(VENV)/all
	$(BIN)/python benchmarks/memory.py $(CORPUS)

bench-weak: $(VENV)/all
	$(BIN)/python benchmarks/weak.py $(CORPUS)

# Times an evaluation of 10,000 documents, and the counting beside nervaluate (about 20 s).
bench-evaluate: $(VENV)/all
	$(BIN)/python benchmarks/evaluate.py $(CORPUS)/train.jsonl

# Thirty kills, memory and linearity of `framing archive`; hours with the default model, MODEL=lexicon is quicker.
bench-archive: bench-archive-speed bench-archive-kills bench-archive-memory bench-archive-linear
bench-archive-kills bench-archive-memory bench-archive-linear: bench-archive-%: $(VENV)/all
	$(BIN)/python benchmarks/archive.py $* $(NEWS) $(if $(MODEL),--model $(MODEL))

# Words per second beside the pipeline with the weights in RUN, and of each stage alone.
bench-archive-speed: $(VENV)/all
	$(BIN)/python benchmarks/archive.py speed $(NEWS) $(if $(MODEL),--model $(MODEL)) $(if $(wildcard $(RUN)/best),--run $(RUN))

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/all: $(VENV)/core
	$(PIP) -e '.[train,archive,ray,evaluate,runs,corpora,dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
