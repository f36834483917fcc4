# A rehearsal of the stack STACK, or the tests: `make help` lists what there is. Nothing here touches a real cloud.

STACK ?= gke-dev
API ?= quick
NAME ?=
SYSTEM ?= todo
PROFILE ?= smoke
PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: up preview refresh destroy stop toolchain inventory report orders test check lint actionlint mutants bench parity configure pin schema service load dashboards live footprint gateway clean help setup

up: setup ## rehearse `pulumi up` of STACK
	@$(PYTHON) -m rehearsal up $(STACK) --api $(API) $(FLAGS)

preview: setup ## rehearse `pulumi preview` of STACK
	@$(PYTHON) -m rehearsal preview $(STACK) --api $(API) $(FLAGS)

refresh: setup ## rehearse `pulumi refresh` of STACK
	@$(PYTHON) -m rehearsal refresh $(STACK) --api $(API) $(FLAGS)

destroy: setup ## rehearse `pulumi destroy` of STACK
	@$(PYTHON) -m rehearsal destroy $(STACK) --api $(API) $(FLAGS)

stop: setup ## end the control planes of rehearsals on a real API; what they hold stays
	@$(PYTHON) -m rehearsal stop

inventory: setup ## list what exists in the rehearsed accounts
	@$(PYTHON) -m rehearsal inventory --api $(API)

report: setup ## write a page about the time that an `up` of STACK takes, with the clouds' latencies
	@$(PYTHON) -m rehearsal report $(STACK) $(FLAGS)

orders: setup ## try each resource of STACK in the order that is the worst for it: finds dependencies that are missing
	@$(PYTHON) -m rehearsal orders $(STACK) $(FLAGS)

test: setup ## run all tests, offline
	@$(PYTHON) -m pytest -n 2 --dist worksteal $(FLAGS)

check: lint actionlint test live mutants ## check format, lint, types and workflows, run all tests and the live proof, count what mutants survive

lint: setup ## check format, lint and types
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@NODE_OPTIONS=--max-old-space-size=8192 $(PYTHON) -m pyright

actionlint: setup ## lint the workflows
	@$(PYTHON) -m rehearsal.setup.actionlint

mutants: setup ## break recorded plans in thousands of ways and list what the checks miss
	@$(PYTHON) -m tests.mutants

parity: setup ## write docs/parity.md anew, and name the waivers whose date has come
	@$(PYTHON) -m tests.parity

bench: setup ## sum what each stack's platform requests, measure a preview (of gke-prod unless STACK is given), and how it grows with services
	@$(PYTHON) -m tests.bench.footprint
	@$(PYTHON) -m tests.bench.preview $(if $(filter command line environment,$(origin STACK)),$(STACK),gke-prod)
	@$(PYTHON) -m tests.bench.growth

gateway: setup ## write the gateway's file of STACK, and let Kong's own image read it (needs Docker or Podman)
	@$(PYTHON) -m rehearsal.gateway $(STACK) --parse

footprint: setup ## sum what the platform's pods request, by stack
	@$(PYTHON) -m tests.bench.footprint

dashboards: setup ## write dashboards/rendered and docs/dashboards anew
	@$(PYTHON) -m dashboards

live: setup ## run the stack's own rules, dashboards and Loki configuration in real Prometheus and Loki
	@$(PYTHON) -m rehearsal.live --stack $(STACK) $(FLAGS)

schema: setup ## write workloads/workload.schema.json anew, which editors complete workload files by
	@$(PYTHON) -m components.services.schema

service: setup ## add a service to a workload file: NAME=todo/reports
	@$(PYTHON) -m components.services.scaffold $(NAME)

load: setup ## ask a system what its users ask, through the gateway of STACK: SYSTEM=todo PROFILE=smoke
	@$(PYTHON) -m tests.load $(SYSTEM) $(PROFILE) --stack $(STACK) $(FLAGS)

configure: setup ## ask for the account of STACK and write its stack file
	@$(PYTHON) -m stacks.configure $(STACK)

pin: setup ## look up availability domains and the node image of an OKE stack, and pin them in its file
	@$(PYTHON) -m stacks.pin $(STACK)

toolchain: setup ## build what a rehearsal on a real API runs, once per machine
	@$(PYTHON) -m rehearsal.setup.toolchain

clean: ## forget everything rehearsed
	@if [ -d .rehearsal/real ]; then $(MAKE) --no-print-directory stop; fi
	@rm -rf .rehearsal

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "STACK is $(STACK); the stacks are in stacks/. API is quick or real. FLAGS go to the engine, or to pytest."

setup:
	@python3 -m rehearsal.setup
