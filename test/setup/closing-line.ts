import type { Reporter } from "vitest/node";

/**
 * Ends a run with `N passed, N failed` on a line of its own, for CI to read. A file that could not be loaded and an
 * error that no test caught count as failures: neither is a test, and both are one.
 */
export const closingLine: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const broken = modules.filter(isBroken).length;
    const failed = states.filter((state) => state === "failed").length + broken + unhandledErrors.length;
    const passed = states.filter((state) => state === "passed").length;
    console.log(`${passed} passed, ${failed} failed`);
  },
};

/** A file that failed without a failed test: it did not load, or a hook of it threw. */
function isBroken(module: Parameters<NonNullable<Reporter["onTestRunEnd"]>>[0][number]): boolean {
  const tests = [...module.children.allTests()];
  return module.state() === "failed" && tests.every((test) => test.result().state !== "failed");
}
