import * as v from "valibot";
import type { MatrixFacts } from "../../approval/conditions.ts";
import type { ApprovalRule, Condition, Requirement, Role, Stage } from "../../approval/matrix.ts";
import type { Requirements } from "../../approval/requirements.ts";
import { countWays, maximumSeats, maximumWays, mostSeats } from "../../approval/seats.ts";
import type { Json } from "../../encoding/canonical-json.ts";
import { membersOf } from "../../encoding/members-of.ts";
import { noList } from "../../encoding/no-list.ts";
import { conditionKinds } from "../../promotion/release-conditions.ts";
import { remedies } from "../../promotion/remedy.ts";
import { count, digest, text } from "./document-forms.ts";
import { documentReader } from "./json-document.ts";

const number = v.pipe(v.number(), v.finite());
const bounds = { atLeast: v.exactOptional(number), below: v.exactOptional(number) };
const condition: v.GenericSchema<Condition> = v.variant("fact", [
  v.strictObject({ fact: v.picklist(["riskTier", "dataClass", "release"]), oneOf: v.array(text) }),
  v.strictObject({ fact: v.literal("metric"), name: text, ...bounds }),
  v.strictObject({ fact: v.literal("infrastructureChanges"), ...bounds }),
]);
const when = v.exactOptional(v.array(condition));
const because = v.exactOptional(text);
const requirement: v.GenericSchema<Requirement> = v.lazy(() =>
  v.union([
    v.strictObject({ when, because, role: text, count: v.pipe(count, v.minValue(1), v.maxValue(maximumSeats)) }),
    v.strictObject({ when, because, all: v.pipe(v.array(requirement), v.minLength(1)) }),
    v.strictObject({ when, because, any: v.pipe(v.array(requirement), v.minLength(1)) }),
  ]),
);
const stage: v.GenericSchema<Stage> = v.pipe(
  v.strictObject({
    when,
    because,
    name: text,
    requires: requirement,
    minimumReviewSeconds: count,
    deadlineSeconds: v.exactOptional(count),
    rejectionsToStop: v.pipe(count, v.minValue(1)),
  }),
  v.check(({ requires }) => countWays(requires) <= maximumWays && mostSeats(requires) <= maximumSeats),
);
const rule: v.GenericSchema<ApprovalRule> = v.strictObject({
  modelType: text,
  target: text,
  when,
  unlinkableAuthors: v.exactOptional(v.literal("allowed")),
  carryOverSeconds: v.exactOptional(count),
  onDrift: v.exactOptional(v.picklist(remedies)),
  ifNotReapproved: v.exactOptional(v.picklist(["previous", "stop"])),
  onIntruder: v.exactOptional(v.picklist(["report", "take-back"])),
  shadow: v.exactOptional(
    v.strictObject({
      durationSeconds: count,
      requests: count,
      withinSeconds: count,
      agreement: v.exactOptional(v.number()),
      errorPercent: v.exactOptional(v.number()),
      p95Milliseconds: v.exactOptional(v.number()),
      psi: v.exactOptional(v.number()),
      answers: v.exactOptional(
        v.strictObject({
          ...noList,
          list: v.exactOptional(text),
          score: v.exactOptional(text),
          decision: v.exactOptional(text),
          threshold: v.exactOptional(v.number()),
        }),
      ),
      required: v.exactOptional(v.literal(true)),
    }),
  ),
  loan: v.exactOptional(
    v.strictObject({
      roles: v.pipe(v.array(text), v.minLength(1)),
      maximumSeconds: v.pipe(count, v.minValue(1)),
      budget: v.strictObject({
        loans: v.pipe(count, v.minValue(1)),
        per: v.picklist(["month", "quarter", "year"]),
      }),
    }),
  ),
  conditions: v.exactOptional(
    v.union([
      v.literal("forbidden"),
      v.strictObject({
        ...noList,
        allowed: v.exactOptional(v.array(v.picklist(conditionKinds))),
        maximumSeconds: v.exactOptional(count),
      }),
    ]),
  ),
  escalation: v.exactOptional(v.strictObject({ afterSeconds: count, to: text })),
  expiresAfterSeconds: count,
  excludes: v.array(
    v.picklist([
      "requester",
      "started-the-run",
      "trained-the-model",
      "wrote-the-code",
      "owns-the-data",
      "wrote-the-infrastructure",
    ]),
  ),
  stages: v.pipe(v.array(stage), v.minLength(1), v.maxLength(50)),
});
const role: v.GenericSchema<Role> = v.strictObject({
  title: text,
  groups: v.array(text),
  issuers: v.exactOptional(v.array(text)),
  rejectionsToStop: v.exactOptional(v.pipe(count, v.minValue(1))),
  judges: v.array(v.picklist(["model", "data", "infrastructure"])),
  signIn: v.exactOptional(
    v.strictObject({ ...noList, acr: v.exactOptional(v.array(text)), amr: v.exactOptional(v.array(text)) }),
  ),
  secondFactor: v.exactOptional(v.literal("passkey")),
});
const facts: v.GenericSchema<MatrixFacts> = v.strictObject({
  ...noList,
  riskTier: v.exactOptional(text),
  dataClass: v.exactOptional(text),
  release: v.exactOptional(v.picklist(["first", "update"])),
  evidence: v.exactOptional(
    v.strictObject({
      metrics: membersOf(v.array(number)),
      infrastructureChanges: v.exactOptional(count),
    }),
  ),
});
const requirements: v.GenericSchema<Requirements> = v.strictObject({
  requirementsVersion: v.literal(1),
  rule,
  decided: v.exactOptional(v.strictObject({ facts, rule, passedOver: v.array(v.array(condition)) })),
  roles: membersOf(role),
  gates: v.strictObject({ wasm: digest, thresholds: v.custom<Json>((value) => value !== undefined) }),
});

/** Reads `requirements.json`; throws `pack-invalid` or `newer-version`. */
export const readRequirements = documentReader<Requirements>({
  name: "requirements.json",
  member: "requirementsVersion",
  form: requirements,
});
