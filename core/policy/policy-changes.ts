import type { Generations } from "../encoding/generation.ts";
import { describePolicy } from "./describe-policy.ts";
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
    ...before.filter((sentence) => !after.includes(sentence)).map((sentence) => `No longer: ${sentence}`),
    ...after.filter((sentence) => !before.includes(sentence)).map((sentence) => `New: ${sentence}`),
    ...(former.wasmDigest === proposed.wasmDigest
      ? []
      : [`The compiled gates are others: ${proposed.wasmDigest} instead of ${former.wasmDigest}.`]),
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

/** Lines that one has and the other has not, each as often as it has it more. */
function lineChanges(name: string, former: string, proposed: string): readonly string[] {
  if (former === proposed) return [];
  const gone = linesBeyond(former, proposed);
  const added = linesBeyond(proposed, former);
  if (gone.length === 0 && added.length === 0) return [`${name}: the same lines in another order.`];
  return [...gone.map((line) => `${name}: − ${line}`), ...added.map((line) => `${name}: + ${line}`)];
}

function linesBeyond(text: string, other: string): readonly string[] {
  const left = new Map<string, number>();
  for (const line of other.split("\n")) left.set(line, (left.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0 && line.trim() !== "";
  });
}
