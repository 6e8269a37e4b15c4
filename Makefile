# Two commands do everything: `make up` (the three steps, end to end, on this machine) and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

STACK ?= dev
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/oss-proxy
UV_VERSION := 0.13.9
UV := $(CACHE)/uv-$(UV_VERSION)/bin/uv
UNPACKED := $(CACHE)/debian
NGINX_13 := $(CACHE)/debian-13/nginx
# In an environment of its own: it wants an older cryptography than the program.
SSLYZE := $(CACHE)/sslyze-6.3.1/bin/sslyze
# As root apt would hand the download to a user who may not write here, and say so.
APT_DOWNLOAD := apt-get download -qq -o APT::Sandbox::User=root
LOCALCLOUD := .venv/bin/localcloud
export PATH := $(CURDIR)/.venv/bin:$(UNPACKED)/usr/sbin:$(PATH):/usr/sbin:/sbin

# Debian packages by the command they bring. nginx is only unpacked, never installed: its package would
# start a web server on this machine, and the tests need no more than `nginx -t`.
DEBIAN_TOOLS := mmdebstrap:mmdebstrap systemd-nspawn:systemd-container logrotate:logrotate nft:nftables ip:iproute2 curl:curl \
	shellcheck:shellcheck git:git
# What builds and runs the clients of the access kit. php and headers are unpacked like nginx.
CLIENT_TOOLS := gcc:gcc javac:default-jdk-headless mvn:maven node:nodejs npm:npm

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

.PHONY: setup
setup: debian-tools .venv/.synced $(UNPACKED)/usr/sbin/nginx $(NGINX_13) $(SSLYZE) toolchain ## Install what is missing (first time about 15 minutes, mostly compiling)

.PHONY: runtime
runtime: $(UV) ## Install only what pulumi needs to preview and deploy, for CI (ci/preview, ci/deploy)
	@$(UV) sync --quiet --frozen --no-default-groups --compile-bytecode --python "$$(command -v python3)"
	@.venv/bin/python -m toolchain install

.PHONY: up
up: setup ## All three steps on this machine: cloud, bucket, pulumi up, and the proof
	@demo/up $(STACK)

.PHONY: proof
proof: ## Prove again that the proxy serves the bucket and that nothing else does
	@demo/proof $(STACK)

.PHONY: shell
shell: ## A shell where pulumi, the SDKs and the CLIs reach localcloud
	@$(LOCALCLOUD) shell

.PHONY: image
image: .venv/.synced ## Tell the newest image of the stack's region; run it where pulumi reaches the stack (make shell)
	@python -m infra.newest_image $(STACK)

.PHONY: access
access: .venv/.synced ## Write what clients of the bucket need into DIR=access/STACK; run it where pulumi reaches the stack
	@python -m infra.access --stack "$(STACK)" $(if $(DIR),--dir "$(DIR)")

.PHONY: down
down: ## pulumi destroy, then localcloud away
	@demo/down $(STACK)

.PHONY: test
test: setup clients check ## All tests: static, unit, offline preview, fault run, end to end
	@python -m pytest -n 2 --dist worksteal -m "not offline and not faults and not e2e and not cloud"
	@# These mostly wait for the provider, which waits itself.
	@python -m pytest -n 4 --dist worksteal -m offline
	@# Eight clouds at a time by itself; it shows each case.
	@python -m pytest -s -m faults
	@python -m pytest -m e2e

.PHONY: faults
faults: setup ## Let every call of an up, a change and a destroy fail, and kill the engine in it (about an hour)
	@python -m tests.faults

.PHONY: faults-subset
faults-subset: setup ## A choice of these cases, of every kind and product (6 minutes)
	@python -m pytest -s -m faults

.PHONY: unit
unit: ## The program's own fast tests
	@python -m pytest -q -n 2 tests/unit

.PHONY: check
check: ## Lint, format and types
	@ruff check .
	@ruff format --check .
	@mypy

.PHONY: bench
bench: bench-nginx ## Measure all on this machine: nginx, then make up, changes, preview and the unit tests
	@python -m bench

.PHONY: bench-nginx
bench-nginx: .venv/.synced $(NGINX_13) ## Measure nginx against other proxies, and renew docs/performance.* (20 minutes, on an idle machine)
	@$(UV) sync --quiet --frozen --inexact --group bench --python "$$(command -v python3)"
	@python -m bench nginx --write

.PHONY: bench-fleet
bench-fleet: .venv/.synced ## Play a fleet of hundreds through days, without a cloud, and renew docs/sizing.* (seconds)
	@$(UV) sync --quiet --frozen --inexact --group bench --python "$$(command -v python3)"
	@python -m bench fleet --write

.PHONY: sizing
sizing: .venv/.synced ## Tell how many instances and how much bandwidth: two of REQUESTS=per-second SIZE=64KiB GB_MONTH=... [WITH="--type ..."]
	@python -m infra.sizing $(if $(REQUESTS),--requests "$(REQUESTS)") $(if $(SIZE),--size "$(SIZE)") \
	  $(if $(GB_MONTH),--gb-month "$(GB_MONTH)") $(WITH)

.PHONY: ram-policy
ram-policy: .venv/.synced ## Print a RAM policy: ACCOUNT=UID REGION=... BUCKET=... [ROLE=preview] [WITH="feature ..." [ZONE=...] [STACK=...]]
	@python -m infra.ram $(or $(ROLE),deployer) --account "$(ACCOUNT)" --region "$(REGION)" \
	  --bucket "$(BUCKET)" $(addprefix --with ,$(WITH)) $(addprefix --zone ,$(ZONE)) $(addprefix --stack ,$(STACK))

.PHONY: clean
clean: ## Remove the virtual environment; caches stay until `python -m toolchain clean`
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

# --- Set-up -----------------------------------------------------------------------------------------

.PHONY: debian-tools client-tools
client-tools: DEBIAN_TOOLS := $(CLIENT_TOOLS)
debian-tools client-tools:
	@missing=(); \
	for pair in $(DEBIAN_TOOLS); do command -v "$${pair%%:*}" >/dev/null || missing+=("$${pair##*:}"); done; \
	python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv); \
	if [ $${#missing[@]} -eq 0 ]; then exit 0; fi; \
	if [ "$$(id -u)" -ne 0 ]; then echo "Missing. Run: sudo apt-get install $${missing[*]}" >&2; exit 1; fi; \
	echo "Installing Debian packages: $${missing[*]}"; \
	apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$${missing[@]}" >/dev/null

$(UV):
	@echo "Installing uv $(UV_VERSION)"
	@python3 -m venv $(CACHE)/uv-$(UV_VERSION)
	@$(CACHE)/uv-$(UV_VERSION)/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION)

.venv/.synced: pyproject.toml uv.lock | $(UV)
	@echo "Installing the Python packages of uv.lock"
	@# Compiled now, because containers often forbid Python to write byte code; without it, importing Pulumi's
	@# packages and the SDKs compiles them anew in every process, which doubles the time of a preview.
	@$(UV) sync --quiet --frozen --compile-bytecode --python "$$(command -v python3)"
	@touch $@

$(UNPACKED)/usr/sbin/nginx:
	@echo "Unpacking Debian's nginx for the tests"
	@mkdir -p $(UNPACKED)
	@cd $$(mktemp -d) && { $(APT_DOWNLOAD) nginx || { apt-get update -qq && $(APT_DOWNLOAD) nginx; }; } && \
	  dpkg-deb -x nginx_*.deb $(UNPACKED) && rm -rf "$$PWD"
	@touch $@

$(SSLYZE): tests/support/sslyze.txt | $(UV)
	@# The list of a new checkout is younger than what an older one installed from the same list.
	@env=$(CACHE)/sslyze-6.3.1; \
	if ! cmp -s $< $$env/installed.txt; then \
	  echo "Installing sslyze for the tests of HTTPS"; \
	  $(UV) venv --quiet --clear --python "$$(command -v python3)" $$env; \
	  $(UV) pip install --quiet --python $$env/bin/python --require-hashes -r $<; \
	  cp $< $$env/installed.txt; \
	fi; \
	touch $@

$(NGINX_13): | .venv/.synced
	@python -m tests.support.debian_nginx

# What the tests of the access kit run, from the languages' own package registries.
.PHONY: clients
clients: client-tools .venv/.synced
	@python -m tests.clients.tools

.PHONY: toolchain
toolchain: .venv/.synced
	@python -m toolchain install
