import type { APIGatewayProxyEvent } from "aws-lambda";
import { readPolicyFolder } from "../../adapters/policies/policy-folder.ts";
import type { ExportId } from "../../core/archive/export/export-job.ts";
import { type LoanChoice, loanStatement } from "../../core/attestation/loan-statement.ts";
import { signOffContextOf } from "../../core/attestation/sign-off-context.ts";
import { type SignOffStatement, signOffStatement } from "../../core/attestation/sign-off-statement.ts";
import { addSeconds, msOfInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Member } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { askQuestion } from "../../functions/api/ask-question/handler.ts";
import { exportAudit } from "../../functions/api/export-audit/handler.ts";
import { answering, type Respond } from "../../functions/api/http.ts";
import { readPromotions } from "../../functions/api/read-promotions/handler.ts";
import { recordLoan } from "../../functions/api/record-loan/handler.ts";
import { recordSignOff } from "../../functions/api/record-sign-off/handler.ts";
import { choiceOf } from "../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../core/attestation/signing-keys.ts";
import { goodCandidate } from "../core/gates/candidate.ts";
import { attestationBase, issuer, now } from "../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../functions/memory-blobs.ts";
import { MemoryAbsences, MemoryDelegations } from "../functions/memory-delegations.ts";
import { memoryDirectory } from "../functions/memory-directory.ts";
import { MemoryExportJobs } from "../functions/memory-export-jobs.ts";
import { MemoryLoanBooks } from "../functions/memory-loan-books.ts";
import { MemoryPasskeys } from "../functions/memory-passkeys.ts";
import { MemoryPromotions } from "../functions/memory-promotions.ts";
import { MemoryTurnBooks } from "../functions/memory-turn-books.ts";
import { inReview } from "../portal/candidate-in-review.ts";
import { assertAnswerMatches } from "./answer-matches.ts";

export const policies = readPolicyFolder(new URL("../../policies/", import.meta.url));
export const person = (name: string, address: string, ...groups: string[]): Member => ({
  identity: { issuer, subject: `sub-${name}` },
  name,
  address,
  groups,
  enabled: true,
});
export const ines = person("Ines", "ines@example.com", "compliance-officers");
export const lars = person("Lars", "lars@example.com", "lead-data-scientists");
export const mira = person("Mira", "mira@example.com", "sre");
/** Trained the model of the example candidate, and leads data science too. */
export const theo = person("Theo", "trainer@example.com", "lead-data-scientists");
/** Started the run. */
export const priya = person("Priya", "priya.nair@example.com");
export const noor = person("Noor", "noor@example.com", "incident-commanders");
export const kofi = person("Kofi", "kofi@example.com", "incident-commanders");
/** Another account of hers. */
export const noorAgain: Member = { ...noor, identity: { ...noor.identity, subject: "noor-again" } };
export const directory = memoryDirectory([ines, lars, mira, theo, priya, noor, noorAgain, kofi]);

const ciIssuer = "https://ci.example";
export const requester = { issuer: ciIssuer, subject: "pipeline" };
export const machineClaims = {
  issuerName: "ci",
  issuer: ciIssuer,
  claims: {
    repository_id: "74001",
    repository_owner_id: "9001",
    environment: "production",
    ref: "refs/heads/main",
    actor_id: "5001",
    run_id: "12",
    jti: "token-1",
    exp: 4_000_000_000,
  },
};
/** Method, route and status of every answer that was given so far. */
export const seen = new Set<string>();

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly parameters?: Record<string, string>;
  readonly query?: Record<string, string>;
}

/** Asks a handler as API Gateway would, holds the answer against the document, and gives it. */
export async function ask(respond: Respond, method: string, route: string, asked: Asked = {}) {
  const event = {
    httpMethod: method,
    resource: route,
    pathParameters: asked.parameters ?? null,
    queryStringParameters: asked.query ?? null,
    headers: { "Content-Type": "application/json", Authorization: "Bearer abc.def.ghi", ...asked.headers },
    body: typeof asked.body === "string" ? asked.body : JSON.stringify(asked.body ?? {}),
    isBase64Encoded: false,
    requestContext: { requestId: "5c1e4b8a" },
  } as unknown as APIGatewayProxyEvent;
  const { statusCode, headers = {}, body } = await answering(respond, () => undefined)(event);
  const type = String(headers["content-type"] ?? "");
  const content: unknown = type.includes("json") ? JSON.parse(body) : body;
  assertAnswerMatches(method, route, statusCode, content);
  seen.add(`${method} ${route} ${statusCode}`);
  return { status: statusCode, type, headers, json: content as Record<string, unknown> };
}

/** The functions that read and decide, over one promotion in its first stage. */
export function service(over: Partial<Promotion> = {}) {
  const given = inReview(goodCandidate, now);
  const promotion: Promotion = { ...given.promotion, ...over };
  const promotions = new MemoryPromotions([promotion]);
  const blobs = new MemoryBlobs([...given.blobs.values()]);
  const shared = { now: () => now, attestationBase, policy: policies, directory, turns: new MemoryTurnBooks() };
  const reader = (who: Member | "pipeline" | Failure) => ({
    ...shared,
    groups: policies.groups,
    claimsMachine: () => who === "pipeline",
    verifyMachine: async () => requester,
    verifyPerson: async () => {
      if (who instanceof Failure) throw who;
      const { identity, name, groups } = who === "pipeline" ? ines : who;
      return { identity, name, groups, authenticatedAt: now };
    },
  });
  const jobs = new MemoryExportJobs();
  const loanBooks = new MemoryLoanBooks();
  const exportFor = (who: Member | "pipeline" | Failure) =>
    exportAudit({
      ...reader(who),
      promotions,
      jobs,
      newId: () => "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId,
      address: async (file) => `https://exchange.example/exports/${file}?signed`,
    });
  const read = (who: Member | "pipeline" | Failure = ines) =>
    readPromotions({
      loanBooks,
      delegations: new MemoryDelegations(),
      absences: new MemoryAbsences(),
      ...reader(who),
      promotions: {
        load: promotions.load,
        signOffs: promotions.signOffs,
        loans: promotions.loans,
        facts: promotions.facts,
        outcomes: promotions.outcomes,
        countOutcomes: promotions.countOutcomes,
        list: async () => ({ promotions: [promotions.stored(promotion.id)], next: "cursor" }),
      },
      blobs,
      ledger: {
        markers: async (ids) => new Map(ids.map((id, index) => [id, { id, index, leafHash: attestation.key.keyid }])),
      },
    });
  const questions = (who: Member | "pipeline") =>
    askQuestion({ ...reader(who), shownDirectory: directory, people: policies.people, promotions });
  const sign = (who: Member, fails?: Failure) =>
    recordSignOff({
      ...shared,
      promotions,
      blobs,
      passkeys: new MemoryPasskeys(),
      delegations: new MemoryDelegations(),
      verifyAssertion: async () => ({ counter: 0 }),
      verifyReviewer: async () => {
        if (fails !== undefined) throw fails;
        const { identity, name, groups } = who;
        return { identity, name, groups, authenticatedAt: now, jwks: { keys: [provider.jwk] } };
      },
      sign: attestation.sign,
      verifyingKey: async () => attestation.key,
    });
  const lend = (who: Member) =>
    recordLoan({
      ...shared,
      promotions,
      delegations: new MemoryDelegations(),
      loanBooks,
      passkeys: new MemoryPasskeys(),
      verifyAssertion: async () => ({ counter: 0 }),
      verifyReviewer: async () => {
        const { identity, name, groups } = who;
        return { identity, name, groups, authenticatedAt: now, jwks: { keys: [provider.jwk] } };
      },
      sign: attestation.sign,
      verifyingKey: async () => attestation.key,
    });
  const loan = (who: Member, more: Pick<LoanChoice, "terms"> & Partial<LoanChoice>) => {
    const { stage: _, ...context } = signOffContextOf(promotion, attestationBase);
    const choice = {
      reason: "The model in production turns everybody down.",
      role: "incident-commander",
      lender: who.identity,
      salt: "AAAAAAAAAAAAAAAAAAAAAA",
      issuedAt: addSeconds(now, -60),
      expiresAt: addSeconds(now, 600),
      ...more,
    };
    return { statement: loanStatement(context, choice), idToken: provider.token({ email: who.address }) };
  };
  const statement = (who: Member, roles: readonly string[], more: Parameters<typeof choiceOf>[1] = {}) =>
    signOffStatement(signOffContextOf(promotion, attestationBase), choiceOf(who, { roles, ...more }));
  return {
    promotion,
    promotions,
    blobs,
    read,
    questions,
    jobs,
    loanBooks,
    exportFor,
    sign,
    lend,
    loan,
    statement,
    parameters: { id: promotion.id as string },
  };
}

export const statementOf = (statement: SignOffStatement) => ({
  statement,
  idToken: provider.token({ iat: Math.floor(msOfInstant(now) / 1000) }),
});
