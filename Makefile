# make demo: install what scoring needs and score the example article.  make test: the rest, and all checks.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt
RUN ?= runs/default
CORPUS ?= ../shared/corpus
CORPORA ?= ../shared/corpora

.PHONY: demo test lint types model bench-dev bench-cold-start bench-throughput bench-corpora bench-weak clean

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

bench-dev: $(VENV)/all
	$(BIN)/python benchmarks/dev.py $(CORPUS)/dev.jsonl

bench-cold-start: $(VENV)/all
	$(BIN)/python benchmarks/cold_start.py

bench-throughput: $(VENV)/all
	$(BIN)/python benchmarks/throughput.py $(CORPUS)/dev.jsonl $(RUN)

bench-corpora: $(VENV)/all
	$(BIN)/python benchmarks/corpora.py $(CORPORA)

bench-weak: $(VENV)/all
	PYTHONPATH=. $(BIN)/python benchmarks/weak.py $(CORPUS)

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/all: $(VENV)/core
	$(PIP) -e '.[train,corpora,dev]'
	@touch $@

clean:
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
