import { describe, expect, it } from "vitest";
import {
  whyAuthorsUnknown,
  whyNobodyCouldSign,
  whyOutOfReach,
  whyProposerUnknown,
} from "../../../core/approval/out-of-reach.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import type { Failure } from "../../../core/failure.ts";
import type { FreezeManifest } from "../../../core/promotion/freeze-manifest.ts";
import { cora, everybody, issuer, manifest, matrix, requirements } from "../promotion/promotion-in-review.ts";

const { document } = requirements;
const decided = { facts: { evidence: { kinds: [], metrics: {} } } } as unknown as NonNullable<Requirements["decided"]>;
const directory = { members: everybody, people: [] };
const nobody = { members: everybody.filter(({ name }) => name !== "Cora"), people: [] };
const candidate = { manifest };
const told = (failure: Failure | undefined) => failure && `${failure.code}: ${failure.message}`;

describe("a quorum that nobody could reach", () => {
  it("is told once the evidence decided what is asked for, and before that is left to the submission", () => {
    expect(whyOutOfReach(candidate, { ...document, decided }, directory)).toBeUndefined();
    expect(whyOutOfReach(candidate, { ...document, decided }, nobody)).toMatch(
      /^The evidence asks for a quorum that nobody could reach\. .*Compliance officer/,
    );
    expect(whyOutOfReach(candidate, document, nobody)).toBeUndefined();
    const { evidence: _, ...unread } = decided.facts;
    expect(whyOutOfReach(candidate, { ...document, decided: { ...decided, facts: unread } }, nobody)).toBeUndefined();
  });

  it("is refused at submission, and so is what only its own authors could sign", () => {
    expect(whyNobodyCouldSign({ manifest, startedBy: undefined }, document, directory)).toBeUndefined();
    expect(told(whyNobodyCouldSign({ manifest, startedBy: undefined }, document, nobody))).toMatch(
      /^unreachable-quorum: .*Compliance officer/,
    );
    const byCora: FreezeManifest = {
      ...manifest,
      lineage: { ...manifest.lineage, trainedBy: [{ address: cora.address }] },
    };
    expect(told(whyNobodyCouldSign({ manifest: byCora, startedBy: undefined }, document, directory))).toMatch(
      /^unreachable-quorum: /,
    );
  });
});

describe("authors whom nobody can link to a person", () => {
  const strangers: FreezeManifest = {
    ...manifest,
    lineage: { ...manifest.lineage, trainedBy: [{ address: "who@example.org" }, { address: "else@example.org" }] },
  };
  const unknown = { ...candidate, manifest: strangers };

  it("are refused, each by name, unless the matrix allows them", () => {
    expect(whyAuthorsUnknown(candidate, document, directory)).toBeUndefined();
    const refused = told(whyAuthorsUnknown(unknown, document, directory));
    expect(refused).toMatch(/^invalid-person: The address w…@example\.org had .*\. The address e…@example\.org had /);
    expect(told(whyNobodyCouldSign({ ...unknown, startedBy: undefined }, document, directory))).toBe(refused);
    const rule = { ...document.rule, unlinkableAuthors: "allowed" as const };
    expect(whyAuthorsUnknown(unknown, { rule }, directory)).toBeUndefined();
  });
});

describe("a proposer who is not in the directory any more", () => {
  const [asked] = matrix.rules;
  const rule = { ...(asked ?? expect.unreachable()), excludes: ["requester" as const] };
  const by = (subject: string) => ({ requester: { issuer, subject } });
  const proposal = (subject: string) => ({
    ...candidate,
    manifest: {
      ...manifest,
      ...by(subject),
      target: { name: "policies", kind: "policy", endpoint: "in-force" } as const,
    },
  });
  const gone =
    "Whoever proposed these policies is not in the directory any more, so nobody can tell who may not approve them: withdraw or reject the proposal, and propose them again.";

  it("leaves a change of policies approved by nobody", () => {
    expect(whyProposerUnknown(proposal(cora.identity.subject), { rule }, directory)).toBeUndefined();
    expect(whyProposerUnknown(proposal("sub-gone"), { rule }, directory)).toBe(gone);
  });

  it("is asked of no model, nor where whoever proposes may approve", () => {
    const model = { ...candidate, manifest: { ...manifest, ...by("sub-gone") } };
    expect(whyProposerUnknown(model, { rule }, directory)).toBeUndefined();
    expect(whyProposerUnknown(proposal("sub-gone"), { rule: { ...rule, excludes: [] } }, directory)).toBeUndefined();
  });
});
