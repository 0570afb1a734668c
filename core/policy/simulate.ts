import { calendarAt, frozenSentence } from "../approval/calendar.ts";
import { classify } from "../approval/classification.ts";
import { resolveTarget } from "../approval/loading/load-targets.ts";
import { whyNoSuchName } from "../approval/loading/place-name.ts";
import { requirementsNow, shadowPlanInForce } from "../approval/promotion-approval.ts";
import { ruleFor } from "../approval/requirements.ts";
import { addSeconds } from "../encoding/instant.ts";
import { list } from "../encoding/policy-file.ts";
import { Failure } from "../failure.ts";
import { blocks } from "../gates/gate-report.ts";
import { judgedInShadow } from "../gates/shadow/rules.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import type { CandidateFacts } from "../promotion/promotion.ts";
import { simulateGates, sketchedManifest } from "./simulate-gates.ts";
import { reviewOf } from "./simulate-review.ts";
import type { Account, Simulation, SimulationInput } from "./simulation.ts";

/** Takes one request through the policies as they are given, from submission to the last signature. */
export function simulate(input: SimulationInput): Simulation {
  const blocked: string[] = [];
  const waits: string[] = [];
  const notes: string[] = [];
  const { policy, sketch, now } = input;
  const { model, target: targetName } = sketch;
  if (!policy.machines.some(({ submits }) => submits.includes(model.name)))
    blocked.push(`No pipeline of machines.yaml may submit the model '${model.name}'.`);
  const targetRule = Object.hasOwn(policy.targets, targetName) ? policy.targets[targetName] : undefined;
  if (targetRule === undefined)
    return {
      outcome: "would-be-blocked",
      why: [...blocked, `There is no target '${targetName}'; there is ${list(Object.keys(policy.targets))}.`],
      excluded: [],
      notes,
    };
  const requester = { issuer: "urn:countersign:simulation", subject: "pipeline" };
  const target = resolveTarget(targetName, targetRule, { ...model, version: model.version ?? "" });
  const manifest = sketchedManifest(sketch, input.evidence, { target, requester });
  blocked.push(...[whyNoSuchName(target)].filter((why) => why !== undefined), ...missingKinds(input));

  const gates = gatesOf(input, manifest, { blocked, waits, notes });
  const judged = requirementsWith(input, manifest, gates.facts, { blocked, notes });
  if (judged === undefined)
    return { outcome: "would-be-blocked", why: blocked, gates: gates.gates, excluded: [], notes };
  const { document, sha256 } = judged;
  const { excluded, explanation } = reviewOf(input, manifest, document, { blocked, waits, notes });

  const frozen = calendarAt(policy.matrix.freezeWindows ?? [], manifest, now);
  const expiresAt = addSeconds(now, document.rule.expiresAfterSeconds);
  if (frozen.kind === "frozen") {
    const beyond = expiresAt <= frozen.until ? ` Its own time is over before that, at ${expiresAt}.` : "";
    waits.push(`${frozenSentence(frozen)}${beyond}`);
  }
  if (frozen.kind === "excepted")
    notes.push(`The freeze window '${frozen.window}' does not hold it up: ${frozen.reason}`);
  return {
    outcome: blocked.length > 0 ? "would-be-blocked" : waits.length > 0 ? "would-wait" : "would-pass",
    why: blocked.length > 0 ? blocked : waits,
    rule: {
      number: numberOfRule(input, manifest),
      modelType: document.rule.modelType,
      target: document.rule.target,
      expiresAt,
      requirements: sha256,
      ...classify(policy.matrix, manifest),
    },
    gates: gates.gates,
    excluded,
    explanation,
    notes,
  };
}

/** What a submission is refused for. A request that names no evidence at all is only thought of so far. */
function missingKinds({ policy, sketch }: SimulationInput): readonly string[] {
  if (sketch.evidence.length === 0) return [];
  const given = new Set(sketch.evidence.map(({ kind }) => kind));
  const missing = policy.requiredEvidence(sketch.model.type, sketch.target).filter((kind) => !given.has(kind));
  return missing.length === 0
    ? []
    : [`The gates of '${sketch.model.type}' need evidence that the request does not name: ${missing.join(", ")}.`];
}

function gatesOf(input: SimulationInput, manifest: FreezeManifest, { blocked, waits, notes }: Account) {
  const { policy, evaluate, now, evidence } = input;
  const plan = shadowPlanInForce(policy, { manifest, facts: { release: input.release } });
  const asked = policy.thresholds(manifest.model.type, manifest.target.name);
  const { thresholds } = judgedInShadow(asked, plan, { manifest });
  if (plan !== undefined && input.release !== "first")
    notes.push("It would run in shadow before anybody is asked; what comes of that cannot be told.");
  if (plan?.required === true && input.release === "first")
    blocked.push("Its rule asks for a run in shadow, and nothing runs there yet to compare it with.");
  const releases = input.releases ?? (input.release === "first" ? [] : undefined);
  const measured = input.sketch.artifacts.every(({ size }) => size !== undefined);
  const result = simulateGates({
    manifest,
    measured,
    evidence,
    thresholds,
    releases,
    wasmDigest: policy.wasmDigest,
    evaluate,
    now,
  });
  const { outcome, findings, undecided, notGiven } = result.gates;
  switch (outcome) {
    case "passed":
      break;
    case "blocked":
      blocked.push(
        ...findings.filter((each) => blocks(each) && !undecided.includes(each.rule)).map(({ sentence }) => sentence),
      );
      break;
    case "undecided":
      if (notGiven.length > 0) waits.push(`The evidence was not given: ${list(notGiven)}.`);
      if (undecided.some((rule) => rule.startsWith("champion.")) && releases === undefined)
        waits.push("What runs now was not given, so the candidate was compared with nothing.");
      if (!measured)
        waits.push("The size of an artifact was not given, so whether it fits its machine cannot be told.");
      break;
    case "not-judged":
      if (thresholds === undefined)
        blocked.push(`No thresholds are set for the model type '${manifest.model.type}', which blocks it.`);
      waits.push("The gates were not judged: no evidence was given.");
      break;
    default:
      return outcome satisfies never;
  }
  if (result.notKept !== undefined) blocked.push(result.notKept);
  if (outcome !== "not-judged") notes.push("The artifacts were not looked at: their digests are taken as declared.");
  return result;
}

/** The requirements, with what the evidence decides where that is known; `undefined` where there are none. */
function requirementsWith(
  input: SimulationInput,
  manifest: FreezeManifest,
  evidence: CandidateFacts["evidence"],
  { blocked, notes }: Pick<Account, "blocked" | "notes">,
): ReturnType<typeof requirementsNow> | undefined {
  const { policy, release } = input;
  try {
    return requirementsNow(policy, { manifest, facts: { release, ...(evidence === undefined ? {} : { evidence }) } });
  } catch (error) {
    if (!(error instanceof Failure) || error.code === "internal") throw error;
    blocked.push(error.message);
    if (evidence === undefined) return undefined;
    notes.push("What depends on the evidence is left out of the review below.");
    return requirementsWith(input, manifest, undefined, { blocked: [], notes });
  }
}

function numberOfRule({ policy, release }: SimulationInput, manifest: FreezeManifest): number {
  const facts = { ...classify(policy.matrix, manifest), release };
  return policy.matrix.rules.indexOf(ruleFor(policy.matrix, manifest.model.type, manifest.target.name, facts)) + 1;
}
