# The two commands of the README are `make bulletin` and `make test`; each does its own set-up, with PYTHON (3.11, 3.12 or 3.13).
# For daily work: `make check`; before a commit: `make lint`. To look at the pages: `make screenshots`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Says which Python the environment was made with: with another it is made anew.
READY := $(VENV)/.ready-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
export GONGBAO_HOME ?= data
# Tests that share what is dear (a page that is open, a lake) run in one worker (tests/conftest.py); the heaviest come first.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder

# Runs a command and says at its end how long it took, whatever came of it.
define timed
	@begun=$$(date +%s); trap 'took=$$(($$(date +%s) - begun)); echo "$@ 用时 took $$((took / 60)) min $$((took % 60)) s（不含安装 without installation）"' EXIT; $(1)
endef

.PHONY: bulletin lint check test parity screenshots setup spark browser clean

setup: $(READY)

# The lock is complete, so nothing is resolved; every file is checked against its hash; bytecode is compiled once, here.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo '需要 Python 3.11、3.12 或 3.13：make PYTHON=python3.13 …'; echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.13 …'; exit 1; } >&2
	@echo '安装 installing: $(VENV)'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

bulletin: $(READY)
	@$(BIN)/gongbao sample --out $(GONGBAO_HOME)/sample
	@$(BIN)/gongbao ingest --summary $(GONGBAO_HOME)/sample
	@$(BIN)/gongbao build
	@$(BIN)/gongbao reconcile --summary
	@echo '看板 look:     $(BIN)/gongbao dashboard'
	@echo '逐项 compare:  $(BIN)/gongbao reconcile --year 2024'
	@echo '查询 query:    $(GONGBAO_HOME)/published/gongbao.duckdb (docs/analyst.md)'

# What `gongbao build --engine spark` needs beside the rest: Java 17 and the packages of their own lock.
spark: $(VENV)/.spark

$(VENV)/.spark: $(READY) requirements-spark.lock
	@command -v java >/dev/null || [ -n "$$JAVA_HOME" ] || (apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.lock
	@touch $@

# Both engines on one lake, table by table, cell by cell; then what only Spark can show.
parity: spark
	$(call timed,$(BIN)/python tests/parity/parity.py && $(BIN)/python -m pytest -n0 tests/parity)

# What the tests of the pages need beside Python: a browser, Chinese fonts, nginx with a certificate, a network that can be cut, and axe-core by npm.
browser:
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium)
	@fc-list 2>/dev/null | grep -qi 'noto.*cjk' || (apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-noto-cjk fontconfig)
	@(command -v nginx && command -v openssl && command -v ip) >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light openssl iproute2)
	@command -v npm >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends npm)
	@npm ci --silent --no-audit --no-fund --prefix tests/browser-tools

LINT := $(BIN)/ruff check .

# All that the hooks of a commit look at (.pre-commit-config.yaml), in the whole tree.
lint: $(READY)
	$(LINT)
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests/data gongbao benchmarks

check: $(READY)
	$(call timed,$(LINT) && $(PYTEST) tests/unit tests/functional tests/systems tests/cases)

test: $(READY) browser
	$(call timed,$(LINT) && $(PYTEST))

screenshots: $(READY) browser
	GONGBAO_SCREENSHOTS=1 $(PYTEST) tests/browser/test_browser.py
	@echo 'build/screenshots/'

clean:
	rm -rf $(VENV) target logs build/tests
