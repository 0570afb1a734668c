import { plansOf } from "../../deployment/plan-state.ts";
import { canonicalJson, type Json, sameJson } from "../../encoding/canonical-json.ts";
import { versionProposed } from "../../policy/proposed-policy.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { promotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PackFindingCode } from "../pack/pack-findings.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";

/** Something that a record says, and what it should say by what was signed, frozen or recorded before. */
interface Repeated {
  readonly what: string;
  readonly told: unknown;
  readonly known: unknown;
}

/** What is wrong, by which code, and the place in the log. */
export interface RepeatedProblem {
  readonly code: PackFindingCode;
  readonly index: number;
  readonly sentence: string;
}

/**
 * Records say much again that other records and documents say already, for whoever reads one alone: it is the same there.
 */
export function recheckRepeated(
  records: readonly PromotionRecord[],
  steps: readonly Step[],
): readonly RepeatedProblem[] {
  const wrong = ({ record, index }: PromotionRecord, code: PackFindingCode, told: readonly Repeated[]) =>
    told
      .filter((each) => !sameJson(each.told ?? null, each.known ?? null))
      .map((each): RepeatedProblem => ({ code, index, sentence: sentenceOf(record, each) }));
  return [
    ...steps.flatMap((step) => [
      ...wrong(step, codeOf(step.record), repeatedIn(step)),
      ...wrong(step, "deployment-differs", endpointIn(step)),
    ]),
    ...records.flatMap((each) => wrong(each, "life-cycle", idIn(each.record))),
  ];
}

function codeOf({ type }: LedgerRecord): PackFindingCode {
  if (type === "request") return "freeze-differs";
  if (type === "seat-reopened" || type === "policy-proposed") return "policy-differs";
  return type.startsWith("loan") ? "loan-invalid" : "deployment-differs";
}

function repeatedIn({ record, before, after }: Step): readonly Repeated[] {
  const { type, body } = record;
  const says = (member: string, known: unknown): Repeated => ({ what: `its ${member}`, told: body[member], known });
  switch (type) {
    case "request": {
      const { model, target, requester } = after.manifest;
      return [says("model", model), says("target", target.name), says("requester", requester)];
    }
    case "seat-reopened":
      return "from" in body ? [says("from", before?.requirements.sha256)] : [];
    case "policy-proposed":
      // Of what was never frozen, nothing says what it was.
      return after.manifest.artifacts.length === 0 ? [] : [says("proposed", versionProposed(after.manifest))];
    case "supersedes":
      return supersededIn(record);
    case "rollback":
      return [says("state", hasBegunBack(before?.history ?? []) ? "failed" : "started")];
    case "held":
      return "plans" in body
        ? [
            says(
              "plans",
              plansOf(after.manifest).map(({ sha256 }) => sha256),
            ),
          ]
        : [];
    case "drift": {
      const first = before?.history.find((fact) => fact.type === "drift")?.body;
      return first === undefined
        ? []
        : ["action", "unlessReapproved", "reapproveBy"].map((member) => says(member, first[member]));
    }
    case "loan-ended":
      return [says("until", before?.loan?.until)];
    case "loan-ratified":
      return [says("verdict", before?.verdict?.sha256)];
    case "loan-review-opened":
      return [
        says("incident", before?.loan?.terms.incident),
        says(
          "lenders",
          before?.loan?.lenders.map(({ person }) => person),
        ),
      ];
    default:
      return [];
  }
}

/** Those whose place it takes, by the candidates that their ids are made of. */
function supersededIn(record: LedgerRecord): readonly Repeated[] {
  return bodyOf("supersedes", record).promotions.map(({ id, freezeDigest }) => ({
    what: "the id of what it supersedes",
    told: id,
    known: promotionId(freezeDigest, Number(id.slice(id.lastIndexOf("-") + 1))),
  }));
}

/** Whether the present deployment goes back already: that it does not get there is told of the same way back. */
function hasBegunBack(history: readonly Pick<LedgerRecord, "type">[]): boolean {
  const begun = history.findLastIndex(({ type }) => type === "deployment-started");
  return history.slice(begun + 1).some(({ type }) => type === "rollback");
}

/** Where a deployment went, in every record of it; its beginning is held against the verdict as well. */
function endpointIn({ record: { type, body }, after }: Step): readonly Repeated[] {
  if (type === "deployment-started" || !("endpoint" in body)) return [];
  return [{ what: "its endpoint", told: body["endpoint"], known: after.manifest.target.endpoint }];
}

/** What stands beside the history has an id that is made of what it says, and a passport its own of that of its record. */
function idIn({ id, type, promotion, body }: LedgerRecord): readonly Repeated[] {
  const made = (...parts: readonly (Json | undefined)[]): readonly Repeated[] => [
    { what: "its id", told: id, known: [promotion ?? "", ...parts.map(partText)].join("/") },
  ];
  switch (type) {
    case "question":
      return made("question", body["question"]);
    case "answer":
      return made("question", body["question"], "answer");
    case "plan-reported":
      return made("plan-reported", body["plan"]);
    case "escalated":
      return made("escalated", body["review"], body["stage"], body["round"]);
    case "passport-issued":
      return [{ what: "its passport", told: body["passport"], known: id.replace("/passport-issued/", ".") }];
    case "passport-redeemed":
      return made("passport-redeemed", body["passport"]);
    default:
      return [];
  }
}

/** As it stands in an id; what is neither text nor a number stands in none. */
function partText(part: Json | undefined): string {
  return typeof part === "string" ? part : textOf(part);
}

function sentenceOf({ id }: LedgerRecord, { what, told, known }: Repeated): string {
  return `'${id}' says that ${what} is ${textOf(told)}, and by what was signed or recorded before it is ${textOf(known)}.`;
}

function textOf(value: unknown): string {
  return value === undefined ? "nothing" : canonicalJson(value as Json);
}
