# The two commands of the README, and what a developer needs beside them. The build itself is CMake's.
JOBS ?= $(shell nproc)

.PHONY: demo test check nightly fuzz kubernetes test-asan test-tsan test-faults lab lab-build lab-up lab-shell lab-push lab-down lab-transcript night-transcript agreement tidy format check-format bench accept docs clean

demo: ## the main job on this machine only: no root, no Docker, nothing but loopback
	tools/install-packages.sh demo
	cmake --preset dev -DVIGIE_TESTS=OFF >/dev/null
	cmake --build --preset dev -j $(JOBS)
	python3 tools/demo.py
	@echo "The program is $(CURDIR)/build/dev/bin/vigie. To type just vigie, as README does:"
	@echo '  export PATH=$(CURDIR)/build/dev/bin:$$PATH'

test: ## the gate, everything that CI runs: a part of each kind of test, in a quarter of an hour
	tools/install-packages.sh test
	$(MAKE) check-format
	JOBS=$(JOBS) tools/gate.sh

check: ## while working: builds, unit tests, goldens, layers
	tools/install-packages.sh test
	cmake --preset sanitize >/dev/null
	cmake --build --preset sanitize -j $(JOBS) --target sanitized
	ctest --preset sanitize -R '^(unit|golden|layers|places)$$'

nightly: ## all the rest: every scenario of the lab, long faults, agreement, sanitizers over everything
	JOBS=$(JOBS) tools/nightly.sh

test-asan: ## every test that needs no lab, optimised and under the address and undefined behaviour sanitizers
	cmake --preset asan >/dev/null
	cmake --build --preset asan -j $(JOBS)
	ctest --preset asan

# What a controller that a test starts says is in that test's directory, which goes: the sanitizer writes into files.
TSAN = TSAN_OPTIONS="log_path=$(CURDIR)/build/tsan/races/report"
test-tsan: ## the threads of the controller and of its server under the thread sanitizer
	tools/install-packages.sh test
	cmake --preset tsan -DCMAKE_CXX_FLAGS=-g1 >/dev/null
	cmake --build --preset tsan -j $(JOBS) --target unit vigie vigie-attach vigie-controller vigie-guard vigie-git vigie-http http-server
	rm -rf build/tsan/races && mkdir build/tsan/races
	$(TSAN) build/tsan/bin/unit '[controller]'
	$(TSAN) ctest --preset tsan -R '^(controller|api|http|http_storm|controller_storm)$$'
	@if ls build/tsan/races/* >/dev/null 2>&1; then cat build/tsan/races/*; exit 1; else echo "no race was seen"; fi

test-faults: ## kill and fail at every step of every transaction; takes a while
	cmake --preset dev -DVIGIE_TESTS=ON >/dev/null
	cmake --build --preset dev -j $(JOBS) --target gate
	ctest --preset dev -R '^(fault_long|property_long)$$'
	@cat build/dev/fault_long-summary.txt

fuzz: ## every reader of bytes of others under libFuzzer, SECONDS (60) each; TARGET=document tries one. Findings: build/fuzz/findings
	cmake --preset fuzz >/dev/null
	cmake --build --preset fuzz -j $(JOBS) --target fuzz
	/usr/bin/python3 tools/fuzz.py build/fuzz/bin/fuzz $(or $(SECONDS),60) $(TARGET)

agreement: ## does vigie agree with Prometheus and Alertmanager about every field? At most ten minutes on two cores
	tools/install-packages.sh test
	cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS) --target vigie
	/usr/bin/python3 tests/agreement/agreement.py $(AGREEMENT)

SOURCES = $$(git ls-files '*.cpp' '*.hpp')

format:
	clang-format -i $(SOURCES)

check-format:
	clang-format --dry-run --Werror $(SOURCES)

# The lab: two real hosts in namespaces, with a real tunnel and real containers. Needs root.
lab: lab-build ## every scenario, with what was measured; SCENARIO="port alerts" tries some
	/usr/bin/python3 tests/lab/lab.py run $(SCENARIO)

lab-build:
	tools/install-packages.sh test
	cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS) --target vigie vigie-attach vigie-controller vigie-guard vigie-git vigie-http attach-client

lab-up: lab-build ## brings it up and keeps it, to play with
	/usr/bin/python3 tests/lab/lab.py up

lab-shell: ## a shell on a host of it: make lab-shell HOST=vm
	/usr/bin/python3 tests/lab/lab.py shell $(or $(HOST),vm)

lab-push: ## pushes its checkout, for both hosts to pull
	/usr/bin/python3 tests/lab/lab.py push

lab-down:
	/usr/bin/python3 tests/lab/lab.py down

night-transcript: ## records docs/transcript-night.md: ten broken situations, what is typed and what is said
	tools/install-packages.sh test
	PATH=$(CURDIR)/build/programs/usr/bin:$$PATH VIGIE_BIN=build/dev/bin/vigie tests/support/own_network.sh python3 tests/e2e/night_test.py --write docs/transcript-night.md

lab-transcript: lab-build ## records docs/transcript.md
	/usr/bin/python3 tests/lab/lab.py transcript > build/transcript.md
	mv build/transcript.md docs/transcript.md

# kube-apiserver's own code for custom resources. From nothing it takes ten minutes and 3 GB below build/kubernetes.
kubernetes: ## the CRD on a real API server: installed, every example applied strictly, twice; needs root
	tools/install-packages.sh kubernetes
	/usr/bin/python3 tests/kubernetes/kubernetes.py build
	tests/support/own_network.sh /usr/bin/python3 tests/kubernetes/kubernetes.py test

tidy: ## clang-tidy on every translation unit of the programs
	tools/install-packages.sh test
	cmake --preset tidy >/dev/null
	cmake --build --preset tidy -j $(JOBS)

bench: ## prints times beside those of something comparable, and what a controller costs; never part of the tests
	cmake --preset release >/dev/null
	cmake --build --preset release -j $(JOBS)
	python3 tests/bench/plan_bench.py
	python3 tests/bench/scale_bench.py
	VIGIE_BIN=build/release/bin/vigie python3 tests/bench/latency.py 30
	VIGIE_BIN=build/release/bin/vigie python3 tests/bench/idle.py 60 10s
	VIGIE_BIN=build/release/bin/vigie python3 tests/bench/soak.py 200

accept: ## writes the golden files anew, to be reviewed with git
	cmake --build --preset dev -j $(JOBS) --target golden
	VIGIE_ACCEPT=1 build/dev/bin/golden

docs: ## generates docs/spec.md from the CRD and docs/fields, docs/codes/README.md from the pages of codes
	python3 tools/codes_reference.py docs/codes
	cmake --build --preset dev --target spec-reference
	build/dev/bin/spec-reference crd/monitoringstacks.vigie.dev.yaml docs/fields docs/spec.md

clean:
	rm -rf build
