#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up test results and closes with the plain line `N passed, N failed, N skipped`.

    scripts/summarise_tests.py [--passed NAME]… [--failed NAME]… [RESULTS.xml]…

Reads the JUnit files of ctest (--output-junit) and pytest (--junitxml), named after the suite.
--passed and --failed count a step that leaves no file, such as a build. Every failure is listed,
and every skip with its reason. A test counts as skipped only where it said so itself: one that
ctest could not run at all has failed.
Exit: 0 all ran passed; 1 a test failed, or none ran; 2 wrong usage.
"""
import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

# How ctest says that a test skipped itself: GTEST_SKIP, or its SKIP_RETURN_CODE.
CTEST_SKIPS = re.compile(r"SKIP_REGULAR_EXPRESSION_MATCHED|SKIP_RETURN_CODE=\d+")
# What GoogleTest prints about a skip: "file:line: Skipped", the reason, "[  SKIPPED ] name".
GTEST_SKIP = re.compile(r": Skipped\n(.*?)\n*\[  SKIPPED \]", re.DOTALL)
GTEST_FAILURE = re.compile(r"([^/\s]+:\d+: Failure\n.*?)(?:\n\n|\n\[)", re.DOTALL)
# A report at exit, when ctest has already seen that the test skipped itself.
SANITIZER_REPORT = re.compile(r"(?:ERROR|WARNING): (\w+Sanitizer: .*)")
MAX_REASON_CHARACTERS = 200  # Enough for two lines of a terminal.


@dataclass
class Result:
    name: str
    outcome: str  # passed, failed or skipped
    reason: str = ""


def one_line(text):
    return " ".join(text.split())[:MAX_REASON_CHARACTERS]


def read_case(suite, case):
    """The result of one <testcase>."""
    parts = (suite, case.get("classname", ""), case.get("name", ""))
    if parts[1] == parts[2]:  # ctest writes the name twice.
        parts = (suite, parts[2])
    name = " ".join(part for part in parts if part)
    status = case.get("status", "run")
    output = case.findtext("system-out") or ""

    def failed(message, pattern=GTEST_FAILURE):
        said = pattern.search(output)
        return Result(name, "failed", one_line((said and said.group(1)) or message or "see above"))

    for trouble in [*case.findall("failure"), *case.findall("error")]:
        return failed(trouble.get("message"))
    if SANITIZER_REPORT.search(output):
        return failed("", SANITIZER_REPORT)
    if status == "disabled":
        return Result(name, "skipped", "disabled in the source")
    skipped = case.find("skipped")
    if skipped is not None:
        message = skipped.get("message") or ""
        if status != "run" and not CTEST_SKIPS.search(message):
            return failed(message)
        said = GTEST_SKIP.search(output)
        reason = said.group(1) if said else CTEST_SKIPS.sub("", message)
        return Result(name, "skipped", one_line(reason) or "no reason given")
    if status != "run":
        return failed(f"ctest says: {status}")
    return Result(name, "passed")


def read_file(path):
    """The results of a JUnit file; a file that is missing, broken or empty is one failure."""
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        return [Result(path.stem, "failed", f"no results: {error}")]
    if not cases:
        return [Result(path.stem, "failed", "no test ran")]
    return [read_case(path.stem, case) for case in cases]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passed", metavar="NAME", action="append", default=[])
    parser.add_argument("--failed", metavar="NAME", action="append", default=[])
    parser.add_argument("files", metavar="RESULTS.xml", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()

    results = [Result(name, "passed") for name in arguments.passed]
    results += [Result(name, "failed", "see above") for name in arguments.failed]
    for path in arguments.files:
        results += read_file(path)

    groups = {
        outcome: [result for result in results if result.outcome == outcome]
        for outcome in ("passed", "failed", "skipped")
    }
    for outcome in ("skipped", "failed"):
        for result in groups[outcome]:
            print(f"{outcome}: {result.name}: {result.reason}")
    print(", ".join(f"{len(group)} {outcome}" for outcome, group in groups.items()))
    return 1 if groups["failed"] or not groups["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
