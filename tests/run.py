#!/usr/bin/env python3
"""Runs every ring of the test suite and counts tests.

"make check" calls this with the build's facts in the environment (see check-local in
Makefile.am). The rings:

    checks    executables in tests/checks/
    unit      cmocka programs, counted test by test
    fuzz      every fuzz target over its kept corpus and finds, counted per target
    e2e       pytest on tests/e2e, counted test by test
    valgrind  the unit programs once more under valgrind, counted per program

Failures are printed in full, every skip with its reason. A few end-to-end tests that failed among the
others get a second look, alone, and are named either way. The last line of stdout is
"N passed, N failed, N skipped", and the exit status is 1 when anything failed.

RINGS=unit,e2e chooses rings, UNIT='spec*' unit programs (and fuzz targets) by name, E2E='...' goes
to pytest as further arguments.
"""

import concurrent.futures
import fnmatch
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

RINGS = ("checks", "unit", "fuzz", "e2e", "valgrind")

# Seconds after which a program is taken for hung. Deadlines only end what would never end; a slow
# machine stretches them all with NETTOOL_PATIENCE=3.
PATIENCE = float(os.environ.get("NETTOOL_PATIENCE", "1"))
UNIT_DEADLINE = 300
VALGRIND_DEADLINE = 900
E2E_DEADLINE = 2400

SRCDIR = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parent.parent)
BUILDDIR = Path(os.environ.get("NETTOOL_BUILDDIR") or os.getcwd())
NETTOOL = os.environ.get("NETTOOL") or str(BUILDDIR / "nettool")
SANITIZED = os.environ.get("NETTOOL_ASAN") == "yes"
WORKERS = os.cpu_count() or 1


class Tally:
    """What one ring, or all of them, came to."""

    def __init__(self):
        self.passed = 0
        self.failures = []  # (name, output)
        self.skips = []  # (name, reason)

    def fail(self, name, output):
        self.failures.append((name, output.strip() or "(no output)"))

    def skip(self, name, reason):
        self.skips.append((name, " ".join(reason.split()) or "no reason given"))

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures
        self.skips += other.skips

    def __str__(self):
        return f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"


def environment(**more):
    """The environment of every test: no make around it, one language, loud sanitizers."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "LANGUAGE", "LANG")
        and not name.startswith("LC_")
    }
    env["LC_ALL"] = "C.UTF-8"
    # a machine that runs tests may have neither
    env["SHELL"] = "/bin/sh"
    env["TERM"] = "xterm"
    env["NETTOOL"] = NETTOOL
    env["NETTOOL_SRCDIR"] = str(SRCDIR)
    env["NETTOOL_BUILDDIR"] = str(BUILDDIR)
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1:strict_string_checks=1:exitcode=86")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    env.update(more)
    return env


def run(command, deadline, cwd=BUILDDIR, **more):
    """Runs a command without input; returns its status (None: hung) and all it printed.

    It leads a session of its own, so that a hung test can be ended together with its children and
    without a look at anybody else's processes.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=environment(**more),
                start_new_session=True,
            )
        except OSError as error:
            return 127, f"unable to run {command[0]}: {error.strerror}\n"
        try:
            status = process.wait(deadline * PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            status = None
        output.seek(0)
        return status, output.read().decode("utf-8", "replace")


def ending(status):
    """How a program ended, in words."""
    if status is None:
        return "did not end in time and was killed"
    if status < 0:
        try:
            return "was killed by " + signal.Signals(-status).name
        except ValueError:
            return f"was killed by signal {-status}"
    return f"exited with status {status}"


def in_parallel(function, items):
    """Tallies function(item) over all items, in their order."""
    total = Tally()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for tally in pool.map(function, items):
            total.add(tally)
    return total


# ---- TAP, as cmocka and the static checks print it --------------------------------------------

TAP_LINE = re.compile(r"^(not )?ok\s+\d+\s*(?:-\s*)?(.*)$")
TAP_PLAN = re.compile(r"^1\.\.(\d+)")
TAP_SKIP = re.compile(r"#\s*skip\b[:\s]*(.*)", re.IGNORECASE)


def read_tap(name, status, output):
    """Counts the tests in a TAP listing.

    cmocka prints a skipped test as "not ok 3 # SKIP its name"; why it was skipped is whatever the
    test printed just before. Lines that follow "not ok" and tell the reason are comments.
    """
    tally = Tally()
    planned = seen = 0
    before = []  # lines since the last result
    for line in output.splitlines():
        plan = TAP_PLAN.match(line)
        result = TAP_LINE.match(line)
        if plan:
            planned += int(plan.group(1))
        elif result:
            seen += 1
            skip = TAP_SKIP.search(result.group(2))
            if skip:
                title = result.group(2)[: skip.start()].strip() or skip.group(1)
                reason = " ".join(text for text in before if not text.startswith("#"))
                if result.group(2)[: skip.start()].strip():
                    reason = skip.group(1) or reason
                tally.skip(f"{name}: {title}", reason)
            elif result.group(1):
                tally.fail(f"{name}: {result.group(2)}", output)
            else:
                tally.passed += 1
            before = []
            continue
        if not plan:
            before.append(line.strip())
    if tally.failures:
        # One full copy of the output is enough for all the failures of a program.
        names = [failure[0] for failure in tally.failures]
        tally.failures = [(names[0], output)] + [
            (other, f"(see the output under {names[0]})") for other in names[1:]
        ]
        if status is None or status < 0:
            tally.fail(name, f"the program {ending(status)}")
    elif status != 0:
        tally.fail(name, f"{output}\nthe program {ending(status)}")
    elif seen < planned:
        tally.fail(name, f"{output}\n{planned} tests planned, {seen} reported")
    elif seen == 0:
        tally.fail(name, f"{output}\nthe program reported no test")
    return tally


# ---- the rings ----------------------------------------------------------------------------------


def chosen(variable):
    """The programs that make named, narrowed by UNIT."""
    pattern = os.environ.get("UNIT", "")
    programs = os.environ.get(variable, "").split()
    if not pattern:
        return programs
    if not any(sign in pattern for sign in "*?["):
        pattern = f"*{pattern}*"
    short = lambda program: re.sub(r"^(test|fuzz)_", "", Path(program).name)
    return [
        program
        for program in programs
        if fnmatch.fnmatch(short(program), pattern) or fnmatch.fnmatch(Path(program).name, pattern)
    ]


def ring_checks():
    folder = SRCDIR / "tests" / "checks"
    checks = sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.suffix in (".py", ".sh") and not path.name.startswith("_")
    )

    def check(path):
        # Named by suffix and not by mode, because not every way to copy a tree keeps modes.
        runner = [sys.executable] if path.suffix == ".py" else ["/bin/sh"]
        status, output = run(runner + [path], UNIT_DEADLINE)
        name = f"checks/{path.name}"
        if any(TAP_LINE.match(line) for line in output.splitlines()):
            return read_tap(name, status, output)
        tally = Tally()
        if status == 77:
            tally.skip(name, output)
        elif status == 0:
            tally.passed = 1
        else:
            tally.fail(name, f"{output}\nthe check {ending(status)}")
        return tally

    return in_parallel(check, checks)


def ring_unit():
    def unit(program):
        status, output = run(
            [BUILDDIR / program], UNIT_DEADLINE, cwd=SCRATCH, CMOCKA_MESSAGE_OUTPUT="TAP"
        )
        return read_tap(f"unit/{Path(program).name}", status, output)

    total = in_parallel(unit, chosen("UNIT_PROGRAMS"))
    declared = os.environ.get("UNIT_DECLARED", "").split()
    if declared and not os.environ.get("UNIT_PROGRAMS", "").split():
        total.skip(f"unit: {len(declared)} programs", "not built: no cmocka, or a fuzzing build")
    return total


def ring_fuzz():
    def target(program):
        tally = Tally()
        name = Path(program).name
        files = []
        for kind in ("corpus", "finds"):
            for folder in {name, re.sub("^fuzz_", "", name)}:
                files += (SRCDIR / "fuzz" / kind / folder).rglob("*")
        files = sorted(path for path in files if path.is_file())
        if not files:
            tally.skip(f"fuzz/{name}", "it has no corpus yet")
            return tally
        # By the hundred, so that no command line grows too long, then one by one to name the
        # culprit.
        for start in range(0, len(files), 100):
            some = files[start : start + 100]
            status, output = run([BUILDDIR / program] + some, UNIT_DEADLINE, cwd=SCRATCH)
            if status == 0:
                continue
            for path in some:
                alone, output_alone = run([BUILDDIR / program, path], UNIT_DEADLINE, cwd=SCRATCH)
                if alone != 0:
                    tally.fail(
                        f"fuzz/{name}: {path.relative_to(SRCDIR)}",
                        f"{output_alone}\nthe target {ending(alone)}",
                    )
            if not tally.failures:
                tally.fail(f"fuzz/{name}", f"{output}\nthe target {ending(status)}")
        if not tally.failures:
            tally.passed = 1
        return tally

    return in_parallel(target, chosen("FUZZ_PROGRAMS"))


def ring_valgrind():
    valgrind = os.environ.get("VALGRIND", "")
    programs = chosen("UNIT_PROGRAMS")
    total = Tally()
    if not programs:
        return total
    if SANITIZED:
        total.skip("valgrind", "this build has AddressSanitizer, which does the same work")
        return total
    if not valgrind:
        total.skip("valgrind", "valgrind is not installed")
        return total
    suppressions = SRCDIR / "tests" / "valgrind.supp"

    def unit(program):
        tally = Tally()
        name = Path(program).name
        log = Path(SCRATCH) / f"valgrind.{name}"
        command = [
            valgrind,
            "--leak-check=full",
            "--track-fds=yes",
            "--error-exitcode=99",
            # Forked children write to files of their own; a test of them fails by exit status.
            f"--log-file={log}.%p",
        ]
        if suppressions.is_file():
            command.append(f"--suppressions={suppressions}")
        status, output = run(
            command + [BUILDDIR / program],
            VALGRIND_DEADLINE,
            cwd=SCRATCH,
            CMOCKA_MESSAGE_OUTPUT="TAP",
            NETTOOL_VALGRIND="1",
        )
        # The parent is the one that started first, so it has the oldest log; by name is not
        # enough, process ids wrap.
        logs = sorted(Path(SCRATCH).glob(f"{log.name}.*"), key=lambda path: path.stat().st_ino)
        texts = [path.read_text("utf-8", "replace") for path in logs]
        ours = [text for text in texts if f"Parent PID: {os.getpid()}\n" in text] or texts[:1]
        leaked = [descriptor for text in ours for descriptor in left_open(text)]
        name = f"valgrind/{name}"
        if status == 0 and not leaked:
            tally.passed = 1
            return tally
        report = [output] if status != 0 else []
        report += texts if status != 0 else ours
        report.append(f"the program {ending(status)}" if status != 0 else "descriptors left open")
        tally.fail(name, "\n".join(report))
        return tally

    total.add(in_parallel(unit, programs))
    return total


def left_open(log):
    """Descriptors that a valgrind log calls open at exit, without the inherited ones."""
    blocks = re.split(r"(?m)^==\d+==\s*$", log)
    found = []
    for block in blocks:
        opened = re.search(r"Open (?:file descriptor|\S+ socket) (\d+).*", block)
        if opened and "<inherited from parent>" not in block and int(opened.group(1)) > 2:
            found.append(opened.group(0))
    return found


def ring_e2e():
    total = Tally()
    folder = SRCDIR / "tests" / "e2e"
    if not folder.is_dir() or not any(folder.glob("test_*.py")):
        return total
    if importlib.util.find_spec("pytest") is None:
        total.skip("e2e", f"{sys.executable} has no pytest")
        return total
    workers = []
    if importlib.util.find_spec("xdist") is not None:
        workers = ["-n", str(3 * WORKERS)]  # most of the time they wait
    total = end_to_end(folder, "e2e", workers + shlex.split(os.environ.get("E2E", "")))
    if 0 < len(total.failures) <= SECOND_LOOKS and not any(map(is_report, total.failures)):
        look_again(folder, total)
    return total


# So few failures may be the doing of a crowded machine; more of them never are.
SECOND_LOOKS = 3


def is_report(failure):
    """Whether a failure is something that no second run takes back."""
    return re.search(r"Sanitizer|runtime error:|Fatal signal", failure[1]) is not None


def look_again(folder, total):
    """Runs what failed once more, each test alone; what passes then is named, with what it said before."""
    alone = end_to_end(folder, "again", ["--last-failed", "--last-failed-no-failures=none"])
    still = {name for name, _ in alone.failures}
    if still - {name for name, _ in total.failures} or alone.passed + len(still) != len(total.failures):
        return  # not the same tests: what failed stays failed
    for name, output in total.failures:
        if name not in still:
            print(f"unsteady: {name}: failed among the others, passed alone")
            print("\n".join("    " + line for line in output.splitlines()))
    total.passed += alone.passed
    total.failures = alone.failures


def end_to_end(folder, run_name, arguments):
    """One run of pytest, test by test."""
    total = Tally()
    report = Path(SCRATCH) / f"{run_name}.xml"
    command = [sys.executable, "-m", "pytest", folder, "-q", "-rN", "-o", f"cache_dir={SCRATCH}/cache"]
    command += ["--rootdir", folder, f"--junit-xml={report}", f"--basetemp={SCRATCH}/{run_name}"]
    command += ["--color=no", "-o", "junit_family=xunit2", "-o", "junit_logging=all"]
    status, output = run(command + arguments, E2E_DEADLINE, cwd=SCRATCH)
    if status not in (0, 1):
        if status == 5 and os.environ.get("E2E"):
            return total  # the user's selection matches nothing, which is no failure
        total.fail("e2e", f"{output}\npytest {ending(status)}")
    # A pytest that was killed leaves no report, or half of one: the failure above tells.
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        cases = []
    failed_before = len(total.failures)
    for case in cases:
        name = f"e2e/{case.get('classname', '')}::{case.get('name', '')}"
        bad = case.findall("failure") + case.findall("error")
        skip = case.find("skipped")
        if bad:
            text = [f"{part.get('message') or ''}\n{part.text or ''}" for part in bad]
            for stream in ("system-out", "system-err"):
                for part in case.findall(stream):
                    # pytest writes its "--- Captured" rulers even where nothing was captured.
                    if re.sub(r"(?m)^-+ Captured \w+ -+$", "", part.text or "").strip():
                        text.append(part.text.strip())
            total.fail(name, "\n".join(text))
        elif skip is not None:
            if skip.get("type") == "pytest.xfail":
                total.skip(name, "expected to fail: " + (skip.get("message") or ""))
            else:
                total.skip(name, skip.get("message") or skip.text or "")
        else:
            total.passed += 1
    if status == 1 and len(total.failures) == failed_before:
        total.fail("e2e", f"{output}\npytest {ending(status)}, its report names no failure")
    if status == 0 and not cases:
        total.fail("e2e", f"{output}\npytest reported no test")
    return total


# ---- all together -------------------------------------------------------------------------------


def show(ring, tally):
    for name, output in tally.failures:
        print(f"FAIL: {name}")
        print("\n".join("    " + line for line in output.splitlines()))
    for name, reason in tally.skips:
        print(f"skip: {name}: {reason}")
    print(f"{ring + ':':<10} {tally}", flush=True)


def listen_to_signals():
    """Tests end programs by signals, which those must not ignore because we were told to (nohup, &)."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def main():
    listen_to_signals()
    wanted = os.environ.get("RINGS", "").replace(",", " ").split() or list(RINGS)
    unknown = [ring for ring in wanted if ring not in RINGS]
    if unknown:
        print(f"unknown ring {unknown[0]}; there are {', '.join(RINGS)}", file=sys.stderr)
        return 2
    total = Tally()

    def ring(name):
        return globals()[f"ring_{name}"]()

    # The quick rings first. Then the end-to-end tests, which mostly wait for sockets, share the
    # machine with valgrind, which mostly computes.
    for name in ("checks", "unit", "fuzz"):
        if name in wanted:
            tally = ring(name)
            show(name, tally)
            total.add(tally)
    slow = [name for name in ("e2e", "valgrind") if name in wanted]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = {pool.submit(ring, name): name for name in slow}
        for future in concurrent.futures.as_completed(running):
            show(running[future], future.result())
            total.add(future.result())
    print(total, flush=True)
    return 1 if total.failures else 0


if __name__ == "__main__":
    # Test names and outputs may hold any character, and the terminal may be in any locale.
    sys.stdout.reconfigure(errors="backslashreplace")
    # Short, because the names of Unix sockets below it have about a hundred bytes.
    SCRATCH = tempfile.mkdtemp(prefix="nt-")
    try:
        result = main()
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    sys.exit(result)
