import type { Requirements } from "../../../../core/approval/requirements.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import { documentOf, factOf, type Retold, withDocument } from "../retelling.ts";
import type { Told } from "../told.ts";
import type { Lie } from "./lies.ts";

/** The matrix asks compliance because of the metric that the evidence has: two ways to make it ask less, one each. */
export const conditionLies: readonly Lie[] = [
  {
    what: "a stage left out although its condition holds",
    tell: (told) =>
      withRequirements(told, ({ rule, ...rest }) => ({ ...rest, rule: { ...rule, stages: rule.stages.slice(1) } })),
    code: "gates-differ",
    sentence: /^The rule that was applied is not what its conditions come to\.$/,
  },
  {
    what: "conditions decided by other facts than the evidence says",
    tell: (told) =>
      withRequirements(told, ({ rule, decided, ...rest }) => ({
        ...rest,
        rule: { ...rule, stages: rule.stages.slice(1) },
        ...(decided === undefined
          ? {}
          : { decided: { ...decided, facts: { evidence: { metrics: { accuracy: [0.1] } } } } }),
      })),
    code: "gates-differ",
    sentence:
      /^The conditions of the approval matrix were decided by other facts than the evidence and the request say\.$/,
  },
  {
    what: "conditions that are no longer told",
    tell: (told) => withRequirements(told, ({ decided: _, ...rest }) => rest),
    code: "sign-off-invalid",
    sentence: /requirements/,
  },
];

/** The requirements of the deployed promotion, changed, and named so by the record of its gates. */
function withRequirements({ house, deployed }: Told, change: (was: Requirements) => Requirements): Retold {
  const gates = factOf(house, "gates", deployed);
  const was = JSON.parse(new TextDecoder().decode(documentOf(house, gates, "requirements.json")));
  const bytes = canonicalJsonBytes({ ...change(was) });
  const told = withDocument(house, gates, "requirements.json", bytes);
  const body = { ...gates.body, requirements: sha256Hex(bytes) };
  return { ...told, facts: (told.facts ?? []).map((fact) => (fact.id === gates.id ? { ...fact, body } : fact)) };
}
