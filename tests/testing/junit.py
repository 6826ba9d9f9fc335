"""What the readers of a JUnit file require of it.

The nesting and the attributes are those of Jenkins's schema for xunit files, which
pytest's own tests use: `properties` stand in a suite and not in a test case.
GitLab keys a test by `classname` and `name`, and ignores one whose key came before.
"""

import xml.etree.ElementTree as ET

COUNTS = {"tests", "failures", "errors"}
RESULT = (set(), {"message"}, {"type"})

#: For each element: its children, the attributes that it needs, those that it may have.
SCHEMA = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", *COUNTS}),
    "testsuite": (
        {"properties", "testcase", "system-out", "system-err"},
        {"name", *COUNTS},
        {"skipped", "time", "timestamp", "hostname"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"classname", "name"},
        {"time"},
    ),
    "skipped": RESULT,
    "failure": RESULT,
    "error": RESULT,
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}


def checked(path):
    """Parse a file, hold it against the schema, and return its root."""
    root = ET.parse(path).getroot()  # noqa: S314 - the test has just written it
    for element in root.iter():
        children, needed, allowed = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children, element.tag
        assert needed <= set(element.attrib) <= needed | allowed, element.tag
        if "time" in element.attrib:
            assert float(element.attrib["time"]) >= 0
    cases = list(root.iter("testcase"))
    assert len({(case.attrib["classname"], case.attrib["name"]) for case in cases}) == len(cases)
    for suite in root.iter("testsuite"):
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    return root
