# The commands of the course kit. `make` alone lists them; every command first sees to the Python
# environment (tools/setup.sh), which does nothing when it is up to date.
#
#   NOTEBOOK=03_cgan_fashion_mnist   which notebook `make demo` runs (a number will do: 03)
#   PROFILE=smoke|laptop|full        how long it trains (default laptop)
#   SUBMISSIONS=folder              what `make grade` grades; docs/INSTRUCTORS.md says more
#   ARGS="--no-browser --port 8890"  more for JupyterLab (`make lab`)
#   PYTHON=/path/to/python3.12       the Python to make the environment from
#   VENV=.venv                       where the environment is
#   CONSTRAINTS=constraints.txt      the pinned versions

SHELL := bash
.DEFAULT_GOAL := help

VENV ?= .venv
CONSTRAINTS ?= constraints.txt
NOTEBOOK ?= 01_dcgan_mnist
PROFILE ?= $(or $(COURSE_PROFILE),laptop)

export VENV CONSTRAINTS PYTHON
# Keras reads its backend from the user's ~/.keras/keras.json; the kit is for TensorFlow.
export KERAS_BACKEND := tensorflow
# A PYTHONPATH of other software would put its packages before those of the environment.
unexport PYTHONPATH PYTHONHOME

RUN := "$(VENV)/bin/python"

.PHONY: help setup demo lab test lint smoke release grade clean

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

test: setup ## everything that CI checks: lint, tests, all notebooks at profile smoke
	@$(RUN) tools/run_tests.py lint tests smoke

lint: setup ## check code and notebooks with ruff
	@$(RUN) tools/run_tests.py lint

smoke: setup ## run all notebooks at profile smoke with nbval
	@$(RUN) tools/run_tests.py smoke

release: setup ## student versions for a class, without solutions (NOTEBOOK=01|all)
	@$(RUN) -m grading.release "$(if $(filter file,$(origin NOTEBOOK)),all,$(NOTEBOOK))"

grade: setup ## grade what students handed in (SUBMISSIONS=folder or zip)
	@$(RUN) -m grading.grade "$(SUBMISSIONS)" $(ARGS)

clean: ## remove outputs/ (pictures, animations, trained networks, checkpoints)
	@rm -rf outputs && echo "outputs/ removed"
