# The commands of the course kit. `make` alone lists them; every command first sees to the Python
# environment (tools/setup.sh), which does nothing when it is up to date.
#
#   NOTEBOOK=03_cgan_fashion_mnist   which notebook `make demo` runs (a number will do: 03)
#   PROFILE=smoke|laptop|full        how long it trains (default laptop)
#   SUBMISSIONS=folder              what `make grade` grades; docs/INSTRUCTORS.md says more
#   ARGS="--no-browser --port 8890"  more for JupyterLab (`make lab`)
#   PYTHON=/path/to/python3.12       the Python to make the environment from
#   VENV=.venv                       where the environment is
#   COVERAGE=no                      `make tests` without measuring
#   CONSTRAINTS=constraints.txt      the pinned versions

SHELL := bash
.DEFAULT_GOAL := help

VENV ?= .venv
CONSTRAINTS ?= constraints.txt
NOTEBOOK ?= 01_dcgan_mnist
COVERAGE ?= yes
PROFILE ?= $(or $(COURSE_PROFILE),laptop)

export VENV CONSTRAINTS PYTHON
# Keras reads its backend from the user's ~/.keras/keras.json; the kit is for TensorFlow.
export KERAS_BACKEND := tensorflow
# A PYTHONPATH of other software would put its packages before those of the environment.
unexport PYTHONPATH PYTHONHOME

RUN := "$(VENV)/bin/python"
# Two files at a time: what one file builds once stays with it, and so do the cells of a notebook.
PYTEST := $(RUN) -m pytest -q --durations=15 --numprocesses=2 --dist=loadfile
COVERED := $(foreach name,helpers lessons exercises grading,--cov=$(name)) --cov-report=term
CLEAN = env $(foreach name,$(filter COURSE_%,$(.VARIABLES)),-u $(name)) -u MPLBACKEND \
    -u PYTEST_ADDOPTS KERAS_HOME="$${TMPDIR:-/tmp}/course-kit-no-keras-cache" TF_CPP_MIN_LOG_LEVEL=2

.PHONY: help setup demo lab test lint tests smoke address graph release grade clean

help: ## list the commands
	@echo "Generative deep learning, a course in notebooks. Commands:"
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' \
	    $(firstword $(MAKEFILE_LIST))
	@echo "Example: make demo NOTEBOOK=03 PROFILE=laptop"

setup: ## make the Python environment in .venv (the other commands do it too, once)
	@bash tools/setup.sh

demo: setup ## run a notebook, pictures in outputs/ (NOTEBOOK=01_dcgan_mnist PROFILE=laptop)
	@$(RUN) tools/demo.py "$(NOTEBOOK)" --profile "$(PROFILE)"

lab: setup ## open JupyterLab on notebooks/
	@$(RUN) -m jupyterlab notebooks $$([ "$$(id -u)" != 0 ] || echo --allow-root) $(ARGS)

# The checks run in the user's environment without what would change a result: no COURSE_ variable,
# nobody's cache of full data sets. -k: every phase runs, and one that failed decides the status.
test: setup ## everything that CI checks: lint, tests, all notebooks at profile smoke
	@$(MAKE) --no-print-directory -k lint smoke tests

lint: setup ## check code and notebooks with ruff and tools/notebook_rules.py
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) tools/notebook_rules.py

tests: setup ## run tests/ with pytest; prints how many lines of the packages they cover
	@$(CLEAN) $(PYTEST) $(if $(filter yes,$(COVERAGE)),$(COVERED)) tests

# -p no:python: only notebooks are collected. The kernel is this very Python.
smoke: setup ## run all notebooks at profile smoke with nbval
	@$(CLEAN) COURSE_PROFILE=smoke COURSE_OFFLINE=1 $(PYTEST) -p no:python \
	    --nbval-lax --nbval-current-env --nbval-cell-timeout=300 notebooks

address: setup ## change the address of the repository everywhere (URL=https://github.com/you/course)
	@$(RUN) tools/address.py $(if $(URL),--change "$(URL)")

graph: setup ## draw the graph of imports in CONTRIBUTING.md anew
	@$(RUN) tools/import_graph.py --write

release: setup ## student versions for a class, without solutions (NOTEBOOK=01|all)
	@$(RUN) -m grading.release "$(if $(filter file,$(origin NOTEBOOK)),all,$(NOTEBOOK))"

grade: setup ## grade what students handed in (SUBMISSIONS=folder or zip)
	@$(RUN) -m grading.grade "$(SUBMISSIONS)" $(ARGS)

clean: ## remove outputs/ (pictures, animations, trained networks, checkpoints)
	@rm -rf outputs && echo "outputs/ removed"
