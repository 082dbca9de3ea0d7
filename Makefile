# make demo: install what scoring needs and score the example article.  make test: the rest, and all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
RUN ?= runs/default
CORPUS ?= ../shared/corpus
CORPORA ?= ../shared/corpora
NEWS ?= ../shared/news/articles.jsonl.gz

.PHONY: demo test lint types docs picture notebooks chromium model schema release-check clean
.PHONY: $(addprefix bench-,dev cold-start throughput frontier corpora peers ptc active baselines babe imbalance outlets memory weak evaluate archive archive-speed archive-kills archive-growth intervals serve stories)

demo: $(VENV)/core
	$(BIN)/framing score examples/article.txt --format pretty --color always
	$(BIN)/framing score examples/article.txt -o demo/article.html
	@echo "the same as a page: demo/article.html"

test: lint types docs chromium
	$(BIN)/pytest -q
	$(MAKE) notebooks

# The browser of the page's tests, from the system's packages where it is missing (or name one: CHROMIUM=/path).
chromium:
	@test -x "$${CHROMIUM:-}" || command -v chromium >/dev/null || \
	  { sudo=$$(command -v sudo || true); $$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium; }

lint: $(VENV)/all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/all
	$(BIN)/mypy

# The documentation site, in site/; a broken link or a page that can't be read fails (some seconds).
docs: $(VENV)/all
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build

# The article at the top of README.md, as the default model in the package marks it.
picture: $(VENV)/core
	$(BIN)/python docs/_picture.py

# Runs the three notebooks and checks that nothing fails; with SAVE=1 they keep their new outputs (a minute on one core).
notebooks: $(VENV)/all
	$(BIN)/pytest -q --nbmake --nbmake-timeout=360 $(if $(SAVE),--overwrite) notebooks

# Trains the default model again: an encoder that reads news first, a large teacher, a student that learns from it twice,
# the second time on passages where it was in doubt after the first, and the gate (six hours; run again after a kill, it
# goes on). TEACHER is a hub name, or a folder where there is no network.
TEACHER ?= sentence-transformers/all-mpnet-base-v2
STUDENT = $(BIN)/framing train configs/default.yaml model.encoder=$(RUN)/small training.swap_names=0.5 \
  training.teachers=[$(RUN)/teacher-model] training.patience=9
model: $(RUN)/first-model/framing.json $(RUN)/doubts.jsonl
	$(STUDENT) output=$(RUN)/run model.start=$(RUN)/first data.unlabelled=[$(RUN)/doubts.jsonl] training.epochs=2 \
	  training.learning_rate=2e-4 training.head_learning_rate=6e-4 $(if $(wildcard $(RUN)/run/config.yaml),--resume)
	$(BIN)/framing export $(RUN)/run -o framing/models/default
	$(BIN)/framing gate framing/models/default $(NEWS) --learn 150000 --train $(CORPUS)/train.jsonl --dev $(CORPUS)/dev.jsonl --work $(RUN)/gate
	$(BIN)/python docs/_picture.py

$(RUN)/adapted/config.json: $(VENV)/all
	$(BIN)/framing adapt $(NEWS) -o $(@D) --tokens 4000000 $(if $(wildcard $(@D)/checkpoints),--resume)

$(RUN)/small/config.json: $(RUN)/adapted/config.json
	$(BIN)/framing shrink $(NEWS) -o $(@D) --encoder $(RUN)/adapted --vocabulary 14000 --layers 5

$(RUN)/teacher-encoder/config.json: $(VENV)/all
	$(BIN)/framing shrink -o $(@D) --encoder $(TEACHER) --layers 8

$(RUN)/teacher-model/framing.json: $(RUN)/teacher-encoder/config.json
	$(BIN)/framing train configs/teacher.yaml model.encoder=$(RUN)/teacher-encoder output=$(RUN)/teacher \
	  $(if $(wildcard $(RUN)/teacher/config.yaml),--resume)
	$(BIN)/framing export $(RUN)/teacher -o $(@D)

# Passages of news where a model is in doubt: the packaged one in every tenth article, then the first student in others.
SELECT = $(BIN)/framing select --to jsonl --exclude $(CORPUS)/train.jsonl --exclude $(CORPUS)/dev.jsonl
$(RUN)/unlabelled.jsonl: $(VENV)/all
	mkdir -p $(@D)
	gzip -dc $(NEWS) | awk 'NR % 10 == 0' > $(RUN)/pool.jsonl
	$(SELECT) $(RUN)/pool.jsonl -n 5000 -o $@

$(RUN)/doubts.jsonl: $(RUN)/first-model/framing.json
	gzip -dc $(NEWS) | awk 'NR % 5 == 2' > $(RUN)/pool.jsonl
	$(SELECT) $(RUN)/pool.jsonl -n 12000 --model $(<D) --exclude $(RUN)/unlabelled.jsonl -o $@

$(RUN)/first-model/framing.json: $(RUN)/small/config.json $(RUN)/teacher-model/framing.json $(RUN)/unlabelled.jsonl
	$(STUDENT) output=$(RUN)/first data.unlabelled=[$(RUN)/unlabelled.jsonl] training.epochs=4 \
	  $(if $(wildcard $(RUN)/first/config.yaml),--resume)
	$(BIN)/framing export $(RUN)/first -o $(@D)

bench-dev: $(VENV)/all
	$(BIN)/python benchmarks/dev.py $(CORPUS)/dev.jsonl

bench-cold-start: $(VENV)/all
	$(BIN)/python benchmarks/cold_start.py

bench-throughput: $(VENV)/all
	$(BIN)/python benchmarks/throughput.py $(CORPUS)/dev.jsonl $(RUN)/run

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

# Ways to weigh few cues among many words, seven trainings on 2,000 passages; run again, it goes on.
bench-imbalance: $(VENV)/all
	$(BIN)/python benchmarks/imbalance.py $(CORPUS) runs/imbalance

# An hour on one core.
bench-outlets: $(VENV)/all
	$(BIN)/python benchmarks/outlets.py $(CORPUS) runs/outlets

bench-memory: $(VENV)/all
	$(BIN)/python benchmarks/memory.py $(CORPUS)

bench-weak: $(VENV)/all
	$(BIN)/python benchmarks/weak.py $(CORPUS)

# Times an evaluation of 10,000 documents, and the counting beside nervaluate (about 20 s).
bench-evaluate: $(VENV)/all
	$(BIN)/python benchmarks/evaluate.py $(CORPUS)/train.jsonl

# Smaller and larger networks: size, speed and F1, and the plot of them (40 minutes on one core).
bench-frontier: $(VENV)/all
	$(BIN)/python benchmarks/frontier.py $(CORPUS) $(NEWS) runs/frontier

# Thirty kills (minutes), memory and time a word of `framing archive` (an hour to 100,000 articles); MODEL=lexicon is quicker.
bench-archive: bench-archive-speed bench-archive-kills bench-archive-growth
bench-archive-kills bench-archive-growth: bench-archive-%: $(VENV)/all
	$(BIN)/python benchmarks/archive.py $* $(NEWS) $(if $(MODEL),--model $(MODEL))

# Words per second beside the pipeline with the weights in RUN, and of each stage alone.
bench-archive-speed: $(VENV)/all
	$(BIN)/python benchmarks/archive.py speed $(NEWS) $(if $(MODEL),--model $(MODEL)) $(if $(wildcard $(RUN)/run/best),--run $(RUN)/run)

# Stories of the news articles scored by the rules, which comes first (some minutes; run again, it takes them as they are).
bench-stories: $(VENV)/all
	$(BIN)/python benchmarks/stories.py $(NEWS) runs/bench-stories

# Latency, throughput, ten minutes of load and overload of `framing serve` (some 15 minutes).
bench-serve: $(VENV)/all
	$(BIN)/python benchmarks/serve.py $(CORPUS)/dev.jsonl

# Coverage of the intervals of `framing estimate`, by simulation (two minutes).
bench-intervals: $(VENV)/all
	$(BIN)/python benchmarks/intervals.py $(CORPUS)/dev.jsonl

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/all: $(VENV)/core
	$(PIP) -e '.[train,archive,ray,evaluate,agreement,serve,runs,corpora,spacy,frames,docs,dev]'
	@touch $@

# What a release must be: both packages build, hold only what they should, and the wheel works alone.
release-check: $(VENV)/all
	$(PIP) build twine check-wheel-contents
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(BIN)/python tests/release.py dist/*.whl

clean:
	rm -rf $(VENV) demo dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
