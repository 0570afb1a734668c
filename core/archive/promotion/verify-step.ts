import { gateGenerations } from "../../gates/gate-generations.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import { wasJudged } from "../documents/was-judged.ts";
import { attempt, type Found } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import { recordPath } from "../pack/pack-layout.ts";
import { confirmedByOthers, type PeopleTold } from "../people/people-told.ts";
import type { HeldLender } from "../people/verify-lender.ts";
import type { HeldSignOff, ToldSignOff } from "../people/verify-sign-offs.ts";
import { recheckPolicyCheck } from "../policies/verify-policy-check.ts";
import { recheckPinned, recheckRequirements } from "../policies/verify-required.ts";
import type { PromotionInput } from "./promotion-input.ts";
import { recheckConditionsKept, recheckDeploymentEnd, tellsOfTarget } from "./verify-deployment.ts";
import { recheckGates } from "./verify-gates.ts";
import { recheckRemedy } from "./verify-remedy.ts";
import { environmentLacking, recheckServed } from "./verify-served.ts";
import { recheckShadowRun } from "./verify-shadow.ts";
import { recheckActivation, recheckDeployment, recheckTrials, recheckVerdict } from "./verify-verdict.ts";
import { recheckWatched } from "./verify-watched.ts";

/** Verifies what one change of a promotion says by itself, from the documents that it names. What is wrong is told to `found`. */
export async function recheckStep(
  step: Step,
  context: {
    readonly input: PromotionInput;
    readonly manifest: FreezeManifest | undefined;
    readonly held: readonly HeldSignOff[];
    readonly lenders: readonly HeldLender[];
    readonly people: PeopleTold;
    /** Takes down what verdicts that hold say, by the places of their records. */
    readonly told: Map<number, ToldSignOff>;
    readonly found: Found;
  },
): Promise<void> {
  const { input, manifest, held, lenders, people, told, found } = context;
  const { record, index } = step;
  const path = recordPath(index);
  if (wasJudged(record)) {
    const wrong = await attempt("gates-differ", path, found, async () =>
      manifest === undefined
        ? ["What was frozen cannot be read, so the gates cannot be evaluated again."]
        : await recheckGates(step, manifest, input.read, {
            policyOf: input.policyOf,
            generations: input.generations ?? gateGenerations,
            judged: input.judged ?? new Map(),
            elsewhere: input.elsewhere ?? input.read,
          }),
    );
    for (const sentence of wrong ?? []) found("gates-differ", path, sentence);
    const derived = await attempt("policy-differs", path, found, () => recheckRequirements(step, input.read));
    for (const sentence of derived ?? []) found("policy-differs", path, sentence);
  } else if (record.type === "shadow-run") {
    const wrong = await attempt("gates-differ", path, found, () => recheckShadowRun(step, input.read));
    for (const sentence of wrong ?? []) found("gates-differ", path, sentence);
  } else if (record.type === "verdict") {
    const said = await attempt("verdict-differs", path, found, () => {
      const those = people.asVerified(step);
      const used = [...held.map(({ signOff }) => signOff), ...lenders.map(({ signature }) => signature)];
      const passkeys = confirmedByOthers(input.trust.passkeys, used, those);
      return recheckVerdict(step, { held, lenders }, input.read, { ...input.trust, passkeys });
    });
    if (said !== undefined) told.set(index, said);
    const others = await attempt("policy-differs", path, found, () => recheckPinned(step, input.read));
    if (others !== undefined) found("policy-differs", path, others);
    const tried = await attempt("gates-differ", path, found, () => recheckTrials(step, input.read));
    if (tried !== undefined) found("gates-differ", path, tried);
  } else if (record.type === "deployment-started") {
    const lacking = environmentLacking(record);
    if (lacking !== undefined) found("document-missing", path, lacking);
    const wrong = await attempt("deployment-unapproved", path, found, async () => [
      await recheckDeployment(step, input.read),
      ...(await recheckServed(step, input.read)),
    ]);
    for (const sentence of wrong ?? []) if (sentence !== undefined) found("deployment-unapproved", path, sentence);
  } else if (record.type === "policy-activated") {
    const sentence = recheckActivation(step);
    if (sentence !== undefined) found("deployment-unapproved", path, sentence);
  } else if (record.type === "remedy") {
    const sentence = await attempt("deployment-differs", path, found, () => recheckRemedy(step, input.read));
    if (sentence !== undefined) found("deployment-differs", path, sentence);
  } else if (tellsOfTarget(step)) {
    const sentences = [
      await attempt("deployment-differs", path, found, () => recheckDeploymentEnd(record, input.read)),
      await attempt("deployment-differs", path, found, async () => recheckConditionsKept(step, held)),
      await attempt("deployment-differs", path, found, () => recheckWatched(step, input.read)),
    ];
    for (const sentence of sentences) if (sentence !== undefined) found("deployment-differs", path, sentence);
  }
  if (step.after.manifest.target.kind !== "policy") return;
  const shown = await attempt("policy-differs", path, found, () => recheckPolicyCheck(step, input.read));
  for (const sentence of shown ?? []) found("policy-differs", path, sentence);
}
