import { describe, expect, it } from "vitest";
import { changed, check } from "./checked-policies.ts";
import { shippedTexts } from "./policy-texts.ts";

const asked = (target: string, words: string) =>
  changed("matrix.yaml", `    target: ${target}\n`, `    target: ${target}\n    ${words}\n`);
const kserve = {
  "targets.yaml": shippedTexts["targets.yaml"]
    .replace("    workload: deployment", "    workload: inference-service")
    .replace("container: scorer", "container: kserve-container"),
};
const madeByOthers =
  "Whether the InferenceService of 'cluster' is one that Countersign made, and removes for 'stop', is not in the policies: one that whoever runs the cluster has made is left to them, recorded as failed, with an alarm, and the model serves on.";

describe("what a rule wants done about what runs", () => {
  it.each([
    ["onDrift: stop", "onDrift"],
    ["onDrift: previous", "onDrift"],
    ["ifNotReapproved: stop", "ifNotReapproved"],
  ])("is warned of where a pipeline alone could do it: %s", (words, field) => {
    const { told, holds } = check(asked("edge", words));
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(
        new RegExp(
          `^warning matrix\\.yaml:\\d+ rules\\[4\\]\\.${field}: What a pipeline deployed, it alone can take back: '${words}' is not done in 'edge', but recorded as failed, with an alarm, and the model serves on\\.$`,
        ),
      ),
    ]);
  });

  it("is warned of where a pipeline alone could take back what is lent", () => {
    const loan = "loan: { roles: [sre], maximum: 4h, budget: { loans: 2, per: quarter } }";
    const { told, holds } = check(asked("edge", loan));
    expect(holds).toBe(true);
    expect(told).toEqual([
      expect.stringMatching(
        /^warning matrix\.yaml:\d+ rules\[4\]\.loan: What a pipeline deploys, it alone could take back: nothing is lent in 'edge', whatever 'loan' says\.$/,
      ),
    ]);
    expect(check(asked("offers", loan)).findings).toEqual([]);
  });

  it.each([
    ["onDrift", "stop", ", required: true", 1],
    ["ifNotReapproved", "stop", ", required: true", 1],
    ["onDrift", "previous", ", required: true", 0],
    ["onDrift", "stop", "", 0],
  ])(
    "is warned of where it leaves nothing that the next could run in shadow of: %s: %s%s",
    (field, remedy, required, warned) => {
      const shadow = `shadow: { duration: 1h, requests: 100, errorPercent: 1${required} }`;
      const { told } = check(asked("cluster", `${field}: ${remedy}\n    ${shadow}`));
      expect(told.filter((each) => each.includes("to run in shadow of"))).toEqual(
        Array.from({ length: warned }, () =>
          expect.stringMatching(
            new RegExp(
              `^warning matrix\\.yaml:\\d+ rules\\[\\d\\]\\.${field}: '${field}: stop' leaves nothing to run in shadow of, and 'shadow' says 'required': once it is done nothing is let through to 'cluster', not even the same model approved again, until one of the two is changed\\.$`,
            ),
          ),
        ),
      );
    },
  );

  it("is nothing to be warned of where it keeps serving, or Countersign does it", () => {
    for (const over of [
      asked("edge", "onDrift: keep"),
      asked("offers", "onDrift: stop"),
      asked("cluster", "onDrift: stop"),
    ])
      expect(check(over)).toMatchObject({ findings: [], notes: [] });
  });

  it.each(["onDrift: stop", "ifNotReapproved: stop"])(
    "may not be done of an InferenceService that others made, which is said: %s",
    (words) => {
      expect(check({ ...asked("cluster", words), ...kserve })).toMatchObject({ findings: [], notes: [madeByOthers] });
      expect(check({ ...asked("cluster", "onDrift: previous"), ...kserve }).notes).toEqual([]);
    },
  );
});
