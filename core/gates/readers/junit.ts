import type { EvidenceReader, Reading } from "../evidence-reader.ts";
import type { Gap } from "../facts.ts";
import { contradiction, counted } from "../measures.ts";
import { childrenOf, readStrictXml, type XmlElement } from "../strict-xml.ts";

/**
 * Unit tests as JUnit XML, in the dialects of Ant, Maven Surefire, pytest, Jest and their kind: `testsuites` or one
 * `testsuite`, nested or not. Test cases are counted one by one, by `failure`, `error` and `skipped` inside them, and
 * held against the numbers that each suite states. Places are given as XPath.
 * https://github.com/testmoapp/junitxml
 */
export const junit: EvidenceReader = {
  kind: "unit-tests",
  format: "junit",
  read(bytes, document): Reading {
    const xml = readStrictXml(bytes);
    if (xml.kind === "problem") return { kind: "unreadable", where: `${document}#`, sentence: xml.sentence };
    const { root } = xml;
    const place = `${document}#/${root.name}`;
    if (root.name !== "testsuites" && root.name !== "testsuite")
      return { kind: "unreadable", where: place, sentence: "The root element is neither testsuites nor testsuite." };
    const gaps: Gap[] = [];
    const count = countIn(root, place, gaps);
    return {
      kind: "read",
      facts: {
        measures: names.map((name) => counted("unit-tests", name, count[name], place)),
        gaps,
      },
    };
  },
};

const names = ["tests", "passed", "failed", "skipped"] as const;
type Count = Readonly<Record<(typeof names)[number], number>>;

function countIn(suite: XmlElement, place: string, gaps: Gap[]): Count {
  const inner = childrenOf(suite, "testsuite").map((child, index) =>
    countIn(child, `${place}/testsuite[${index + 1}]`, gaps),
  );
  const own = childrenOf(suite, "testcase").map(outcomeOf);
  const total = (name: (typeof names)[number]) =>
    inner.reduce((sum, count) => sum + count[name], 0) +
    (name === "tests" ? own.length : own.filter((outcome) => outcome === name).length);
  const count = {
    tests: total("tests"),
    passed: total("passed"),
    // What went wrong outside of a test, in a fixture say, stands in the suite itself.
    failed: total("failed") + childrenOf(suite, "error").length + childrenOf(suite, "failure").length,
    skipped: total("skipped"),
  };
  holdAgainst(suite, place, count, gaps);
  return count;
}

function outcomeOf(test: XmlElement): Exclude<keyof Count, "tests"> {
  if (childrenOf(test, "failure").length > 0 || childrenOf(test, "error").length > 0) return "failed";
  return childrenOf(test, "skipped").length > 0 ? "skipped" : "passed";
}

function holdAgainst(suite: XmlElement, place: string, count: Count, gaps: Gap[]): void {
  const number = (name: string): number | undefined => {
    const text = suite.attributes[name];
    // Number("") is 0, and an empty attribute says nothing.
    return text === undefined ? undefined : text.trim() === "" ? Number.NaN : Number(text);
  };
  const failures = number("failures");
  const errors = number("errors");
  const stated = [
    ["tests", "@tests", number("tests")],
    ["failed", "@failures", failures === undefined ? undefined : failures + (errors ?? 0)],
    ["skipped", "@skipped", number("skipped")],
  ] as const;
  for (const [name, attribute, value] of stated) {
    if (value === undefined || value === count[name]) continue;
    const why = `says ${suite.attributes[attribute.slice(1)] ?? ""}, and the test cases come to ${count[name]}`;
    gaps.push(contradiction("unit-tests", name, `${place}/${attribute}`, why));
  }
}
