import type { Generations } from "../encoding/generation.ts";
import { asRead } from "./as-read.ts";
import { describePolicy } from "./describe-policy.ts";
import { lineChanges } from "./line-changes.ts";
import type { ArchivedPolicies } from "./load-policies.ts";
import { bundledTexts } from "./policy-bundle.ts";

/**
 * What proposed policies change, for people: first what the matrix and the thresholds say in sentences, then every line
 * of a file that is gone or new, so that nothing is left to how something is told. Empty only for the same version.
 */
export function policyChanges(former: ArchivedPolicies, proposed: ArchivedPolicies): readonly string[] {
  const before = sentencesOf(former);
  const after = sentencesOf(proposed);
  return [
    ...before.filter((sentence) => !after.includes(sentence)).map((sentence) => `No longer: ${asRead(sentence)}`),
    ...after.filter((sentence) => !before.includes(sentence)).map((sentence) => `New: ${asRead(sentence)}`),
    ...(former.wasmDigest === proposed.wasmDigest
      ? []
      : [
          `The compiled gates are others: ${proposed.wasmDigest} instead of ${former.wasmDigest}. What they do cannot be read from this: build them from their sources, and compare the digest.`,
        ]),
    ...bundledTexts.flatMap((name) => {
      const [before, after] = [former.bundle.texts[name], proposed.bundle.texts[name]];
      // Left out of an archive without personal data: how such lines begin is told by whoever compares.
      return before === undefined || after === undefined ? [] : lineChanges(name, before, after);
    }),
  ];
}

/**
 * How changes were told over time (`checkVersion`). They are signed for, and told again by whoever verifies: a change of what
 * this makes, be it one word of a sentence, is a new version beside the ones before, which stay (docs/decisions/0046).
 */
export const policyChangeGenerations: Generations<typeof policyChanges> = new Map([[1, policyChanges]]);

function sentencesOf(policies: ArchivedPolicies): readonly string[] {
  const { rules, roles, freezeWindows, policyChange } = describePolicy(policies);
  return [
    ...[...rules, ...(policyChange === undefined ? [] : [policyChange])].flatMap((rule) => {
      const name = `${rule.modelType} in ${rule.target}`;
      return [
        ...rule.sentences.map((sentence) => `${name}: ${sentence}`),
        ...rule.stages.flatMap((stage) => [
          `${name}, stage '${stage.name}': ${stage.requires.text}`,
          ...stage.sentences.map((sentence) => `${name}, stage '${stage.name}': ${sentence}`),
        ]),
        ...rule.gates.map((gate) => `${name}: ${gate}`),
      ];
    }),
    ...roles.flatMap(({ title, sentences }) => sentences.map((sentence) => `${title}: ${sentence}`)),
    ...freezeWindows,
  ];
}
