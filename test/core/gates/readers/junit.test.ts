import { describe, expect, it } from "vitest";
import { facts, gaps, numbers, reading } from "./read.ts";

// As pytest writes it.
const pytest = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
  <testsuite name="pytest" errors="0" failures="1" skipped="1" tests="4" time="0.5" timestamp="2026-11-22T10:00:00">
    <testcase classname="tests.test_scoring" name="test_monotone" time="0.01"/>
    <testcase classname="tests.test_scoring" name="test_refuses_nan" time="0.01">
      <failure message="assert nan &lt; 1">def test_refuses_nan(): <![CDATA[<testcase/>]]></failure>
    </testcase>
    <testcase classname="tests.test_scoring" name="test_gpu"><skipped type="pytest.skip" message="no GPU"/></testcase>
    <testcase classname="tests.test_scoring" name="test_bounds"><system-out>ok</system-out></testcase>
  </testsuite>
</testsuites>`;

describe("JUnit XML", () => {
  it("is counted one test after the other", () => {
    const read = facts("unit-tests", "junit", pytest);
    expect(numbers(read)).toEqual({ tests: 4, passed: 2, failed: 1, skipped: 1 });
    expect(read.gaps).toEqual([]);
    expect(read.measures?.[0]?.where).toBe("doc#/testsuites");
  });

  it("may be one suite, and suites may nest", () => {
    const nested = `<testsuite><testcase/><testsuite><testcase><error/></testcase></testsuite></testsuite>`;
    expect(numbers(facts("unit-tests", "junit", nested))).toEqual({ tests: 2, passed: 1, failed: 1, skipped: 0 });
  });

  it("has failed where something outside of the tests went wrong", () => {
    expect(numbers(facts("unit-tests", "junit", "<testsuite><testcase/><error/></testsuite>"))["failed"]).toBe(1);
  });

  it.each([
    ['failures="0"', 'failures="0"', "failed: doc#/testsuites/testsuite[1]/@failures says 0"],
    ['tests="4"', 'tests="5"', "tests: doc#/testsuites/testsuite[1]/@tests says 5"],
    ['skipped="1"', 'skipped=""', "skipped: doc#/testsuites/testsuite[1]/@skipped says "],
  ])("contradicts itself where a suite says %s", (_name, written, gap) => {
    const attribute = written.slice(0, written.indexOf("="));
    const text = pytest.replace(new RegExp(`${attribute}="[0-9]"`), written);
    expect(gaps(facts("unit-tests", "junit", text))[0]).toContain(`measure.unit-tests.${gap}`);
  });

  const laughs = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuite>&b;</testsuite>`;
  it.each([
    ["a billion laughs", laughs, "A document type declaration is not taken: it stands at line 1, column 1."],
    [
      "an external entity",
      `<?xml version="1.0"?>\n<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>`,
      "A document type declaration is not taken: it stands at line 2, column 1.",
    ],
    ["an entity that nobody declared", "<testsuite>&x;</testsuite>", /entity/i],
    ["half a document", "<testsuite><testcase>", /at line 1, column/],
    ["two attributes of one name", '<testsuite tests="0" tests="1"/>', /at line 1, column/],
    ["no document", "", /at line 1, column 1/],
    ["JSON", "{}", /at line 1, column 1/],
    ["another root", "<report/>", "The root element is neither testsuites nor testsuite."],
    [
      "nesting that would exhaust the stack",
      "<a>".repeat(100_000),
      /nested deeper than 32 elements at line 1, column 97\./,
    ],
    [
      "more elements than anybody needs",
      `<testsuite>${"<a/>".repeat(200_001)}</testsuite>`,
      /more than 200000 elements/,
    ],
  ])("is refused as %s", (_name, text, sentence) => {
    const result = reading("unit-tests", "junit", text);
    expect(result).toMatchObject({ kind: "unreadable", sentence: expect.stringMatching(sentence) });
  });

  it("does not take a bracket inside of quotes or a comment for the end of a tag", () => {
    const text = `<testsuite name="a > b" note='"/>'><!-- <testcase> --><testcase name="<"/></testsuite>`;
    expect(reading("unit-tests", "junit", text).kind).toBe("unreadable");
    const fine = text.replace('name="<"', 'name="&lt;"');
    expect(numbers(facts("unit-tests", "junit", fine))["tests"]).toBe(1);
  });

  it("is refused when it is too large, before it is parsed", () => {
    expect(reading("unit-tests", "junit", " ".repeat(16 * 1024 * 1024 + 1))).toMatchObject({
      sentence: "The document has 16777217 bytes; at most 16777216 are read.",
    });
  });
});
