import { generateKeyPairSync, randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { p256 } from "@noble/curves/nist.js";
import { verifyJws } from "../../adapters/node-crypto/signatures.ts";
import { reviewerTokens } from "../../adapters/oidc/reviewer-tokens.ts";
import { readPolicyFolder } from "../../adapters/policies/policy-folder.ts";
import { verifyAssertionTwice, verifyRegistration } from "../../adapters/webauthn/passkeys.ts";
import type { ExportId } from "../../core/archive/export/export-job.ts";
import { verifyingKey } from "../../core/attestation/dsse.ts";
import type { PasskeyAssertion, PasskeyCredential } from "../../core/attestation/passkey-assertion.ts";
import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import { base64 } from "../../core/encoding/base64.ts";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { Policies } from "../../core/policy/load-policies.ts";
import type { PolicyInForce } from "../../core/policy/policy-in-force.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Member } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { askQuestion } from "../../functions/api/ask-question/handler.ts";
import { exportAudit } from "../../functions/api/export-audit/handler.ts";
import type { Answer, ApiRequest } from "../../functions/api/http.ts";
import { planAbsence } from "../../functions/api/plan-absence/handler.ts";
import { problemOf } from "../../functions/api/problem.ts";
import { readLearning } from "../../functions/api/read-learning/handler.ts";
import { readPasskeys } from "../../functions/api/read-passkeys/handler.ts";
import { readPromotions } from "../../functions/api/read-promotions/handler.ts";
import { recordDelegation } from "../../functions/api/record-delegation/handler.ts";
import { recordLoan } from "../../functions/api/record-loan/handler.ts";
import { recordPasskey } from "../../functions/api/record-passkey/handler.ts";
import { recordSignOff } from "../../functions/api/record-sign-off/handler.ts";
import { simulatePolicy } from "../../functions/api/simulate-policy/handler.ts";
import { withdraw } from "../../functions/api/withdraw/handler.ts";
import { standsInFor } from "../../functions/people/delegations.ts";
import { decide } from "../../functions/streams/decide/handler.ts";
import { startOidcProvider } from "../../local/cognito/oidc-provider.ts";
import { listenOnLoopback, readBody } from "../../local/loopback-server.ts";
import type { Person } from "../../local/people.ts";
import { shippedPolicy } from "../core/gates/candidate.ts";
import { MemoryLedger } from "../core/ledger/memory-ledger.ts";
import { MemoryAbsences, MemoryDelegations } from "../functions/memory-delegations.ts";
import { MemoryExportJobs } from "../functions/memory-export-jobs.ts";
import { MemoryLoanBooks } from "../functions/memory-loan-books.ts";
import { MemoryPasskeys } from "../functions/memory-passkeys.ts";
import { MemoryTurnBooks } from "../functions/memory-turn-books.ts";
import { peopleFileIn } from "../local/people-fixture.ts";
import { scratchDirectory } from "../local/recorded-calls.ts";
import { signAsBefore } from "../local/same-signing-key.ts";
import { policy } from "./candidate-in-review.ts";
import { linksOf } from "./followed-links.ts";

const clientId = "portal";
const policies = readPolicyFolder(new URL("../../policies/", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/**
 * The built portal in `dist`, the API's own handlers over promotions in memory, and the local identity provider: all
 * on loopback, with the headers of the deployed page.
 */
export async function startReviewService(options: {
  readonly dist: string;
  readonly people: readonly Person[];
  readonly promotions: readonly Promotion[];
  readonly blobs: ReadonlyMap<Sha256, Uint8Array>;
  readonly policy?: typeof policy;
}) {
  const { policy: inForce = policy } = options;
  const directory = scratchDirectory();
  signAsBefore(directory);
  const provider = await startOidcProvider({
    directory,
    peopleFile: peopleFileIn(directory, options.people),
    userPoolId: "us-east-1_portal",
  });
  const { issuer } = provider;
  const service = {
    promotions: new Map(options.promotions.map((promotion) => [promotion.id as string, promotion])),
    signOffs: [] as RecordedSignOff[],
    facts: [] as Fact[],
    loans: [] as RecordedLoan[],
    /** What is written down about the version of the policies. */
    inForce: undefined as PolicyInForce | undefined,
    /** What the page on policies tells of. */
    policies: policies as Policies,
    /** Of the policies that judge. */
    policyDigest: policies.digest,
    passkeys: new MemoryPasskeys(),
    delegations: new MemoryDelegations(),
    loanBooks: new MemoryLoanBooks(),
    absences: new MemoryAbsences(),
    requests: [] as string[],
    /** Answers every request to the API with this, while it is set. */
    outage: undefined as Failure | undefined,
    /** Happens at the moment at which a decision is recorded. */
    meanwhile: undefined as (() => void) | undefined,
    exports: new MemoryExportJobs(),
    /** The ledger's newest, once there is one. */
    checkpoint: undefined as string | undefined,
    blobs: new Map(options.blobs),
  };
  const members: readonly Member[] = options.people.map(({ subject, name, email, groups, enabled }) => ({
    identity: { issuer, subject },
    name,
    address: email,
    groups,
    enabled,
  }));
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = verifyingKey(keys.publicKey.export({ type: "spki", format: "pem" }) as string);
  const secret = Buffer.from(keys.privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  const now = () => instantFromMs(Date.now());
  const verify = reviewerTokens({ issuer, audiences: [clientId], subjectClaim: "sub" });
  const shared = {
    now,
    turns: new MemoryTurnBooks(),
    policy: inForce,
    attestationBase: "https://countersign.example",
    directory: { everybody: async () => members },
  };
  const groups = ["compliance-officers", "incident-commanders", "lead-data-scientists", "sre"];
  const ceremony = {
    passkeys: service.passkeys,
    verifyReviewer: verify,
    verifyAssertion: (
      assertion: PasskeyAssertion,
      expected: { readonly credential: PasskeyCredential; readonly challenge: string },
    ) => verifyAssertionTwice(assertion, expected, verifyJws),
    sign: async (digest: Uint8Array) => p256.sign(digest, secret, { prehash: false, format: "der" }),
    verifyingKey: async () => key,
  };
  const promotions = {
    load: async (id: string) => service.promotions.get(id),
    move: async (next: Promotion) => {
      service.promotions.set(next.id, next);
      return "moved" as const;
    },
    signOffs: async (id: string) => service.signOffs.filter(({ signOff }) => signOff.promotion === id),
    loans: async (id: string) => service.loans.filter(({ signature }) => signature.promotion === id),
  };
  const { delegations, absences } = service;
  const factsOf = async (id: string, isWanted: (fact: Fact) => boolean) =>
    service.facts.filter((fact) => fact.promotion === id && isWanted(fact));
  const facts = (id: string) => factsOf(id, ({ type }) => type !== "outcome");
  const outcomes = (id: string) => factsOf(id, ({ type }) => type === "outcome");
  const reader = {
    now,
    claimsMachine: () => false,
    verifyPerson: verify,
    verifyMachine: async () => {
      throw new Failure("token-invalid", "There are no machines here.");
    },
    groups,
  };
  const { loanBooks } = service;
  const read = readPromotions({
    ...shared,
    loanBooks,
    delegations,
    absences,
    ...reader,
    standsIn: async (person) =>
      standsInFor(person, await delegations.notOver(now()), now(), {
        roles: shared.policy.matrix.roles,
        directory: shared.directory,
      }),
    promotions: {
      ...promotions,
      facts,
      outcomes,
      countOutcomes: async (id) => ({ number: (await outcomes(id)).length, more: false }),
      list: async (filter) => ({
        promotions: newestFirst([...service.promotions.values()]).filter(({ status, manifest }) =>
          "status" in filter
            ? status === filter.status
            : manifest.model.name === filter.model && manifest.target.name === filter.target,
        ),
      }),
    },
    blobs: {
      get: async (sha256) => {
        const bytes = service.blobs.get(sha256);
        if (bytes === undefined) throw new Failure("internal", "There is no such document.");
        return bytes;
      },
    },
    ledger: {
      markers: async (ids) => new Map(ids.slice(0, -1).map((id, index) => [id, { id, index, leafHash: key.keyid }])),
    },
  });
  const learn = readLearning({
    ...reader,
    matrix: policy.matrix,
    promotions: {
      ...promotions,
      facts,
      outcomes,
      list: async ({ model }) => ({
        promotions: [...service.promotions.values()].filter(({ manifest }) => manifest.model.name === model),
      }),
    },
    blobs: {
      get: async (sha256) => service.blobs.get(sha256) ?? new Uint8Array(),
    },
  });
  const blobs = { get: async (sha256: Sha256) => service.blobs.get(sha256) ?? new Uint8Array() };
  const record = recordSignOff({
    ...shared,
    blobs,
    delegations,
    promotions: {
      ...promotions,
      recordSignOff: async (recorded, next) => {
        if (service.signOffs.some(({ signOff }) => signOff.id === recorded.signOff.id)) return "exists";
        if (next !== undefined) service.promotions.set(next.id, next);
        service.signOffs.push(recorded);
        service.meanwhile?.();
        return "recorded";
      },
    },
    ...ceremony,
  });
  const lend = recordLoan({
    ...shared,
    ...ceremony,
    delegations,
    loanBooks,
    promotions: {
      ...promotions,
      recordLoan: async (recorded) => {
        service.loans.push(recorded);
        return "recorded";
      },
    },
  });
  const recordDeed = (portal: { readonly rpId: string; readonly origin: string }) =>
    recordPasskey({
      ...shared,
      ...ceremony,
      portal,
      policy: { roles: inForce.matrix.roles, people: inForce.people, groups },
      verifyRegistration,
    });
  const plan = planAbsence({
    ...shared,
    policy: { matrix: inForce.matrix, groups },
    verifyPerson: verify,
    delegations,
    absences,
  });
  const recordPlace = recordDelegation({ ...shared, ...ceremony, policy: { ...inForce, groups }, delegations });
  const readDeeds = readPasskeys({ now, groups, verifyPerson: verify, passkeys: service.passkeys });
  const tryOut = (http: ApiRequest) =>
    simulatePolicy({
      inForce: async () => service.inForce,
      now,
      policy: service.policies,
      groups,
      evaluate: shippedPolicy.evaluate,
      directory: shared.directory,
      verifyPerson: verify,
    })(http);
  const takeBack = withdraw({ ...reader, people: [], groups, directory: shared.directory, promotions });
  const askAbout = askQuestion({
    ...reader,
    turns: shared.turns,
    people: [],
    directory: shared.directory,
    shownDirectory: shared.directory,
    promotions: {
      ...promotions,
      factsUnder: facts,
      recordFact: async (fact) => {
        service.facts.push(fact);
        return "recorded";
      },
    },
  });
  const settle = decide({
    ...shared,
    blobs,
    delegations,
    promotions,
    loanBooks,
    tokens: { find: async () => undefined, forget: async () => undefined },
    ring: async () => "rung",
  });

  const exports = exportAudit({
    ...reader,
    promotions,
    jobs: service.exports,
    newId: () => randomUUID() as ExportId,
    address: async (file) => `http://localhost/${file}`,
  });

  const server = await listenOnLoopback(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    service.requests.push(`${request.method} ${request.url}`);
    const link = /^\/r\/(.+)$/.exec(pathname)?.[1];
    if (link === undefined && !pathname.startsWith("/v1/")) return sendFile(options.dist, pathname, issuer, response);
    try {
      if (service.outage !== undefined) throw service.outage;
      const query = Object.fromEntries(searchParams);
      sendAnswer(
        response,
        await (link === undefined ? answer(request, pathname, query) : follow(link, query, request)),
      );
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { statusCode, headers, body } = problemOf(error, "test");
      response.writeHead(statusCode, headers as Record<string, string>).end(body);
    }
  });

  const settings = {
    issuer,
    portalClientId: clientId,
    attestationBase: shared.attestationBase,
    audiences: [clientId, "cli"],
    subjectClaim: "sub",
    passkeys: { rpId: "localhost", origins: ["http://localhost"] },
    logOrigin: MemoryLedger.signer.origin,
    keys: {
      attestation: { ...key, others: [] },
      checkpoint: { ed25519: base64(MemoryLedger.signer.publicKey), others: [] },
    },
  };

  async function answer(request: IncomingMessage, path: string, query: Record<string, string>): Promise<Answer> {
    if (path === "/v1/service") return { status: 200, json: settings };
    if (path === "/v1/audit/checkpoint") {
      if (service.checkpoint === undefined) throw new Failure("not-found", "Nothing was recorded so far.");
      return { status: 200, text: service.checkpoint, headers: { "content-type": "text/plain" } };
    }
    if (path.startsWith("/v1/audit/exports")) return exports(await askedOf(request, path, path.split("/")[4], query));
    if (path === "/v1/learning") return learn(await askedOf(request, path, undefined, query));
    if (path.startsWith("/v1/policy")) return tryOut(await askedOf(request, path, undefined, query));
    const [, kind = "", id, rest, sha256, question] = pathPattern.exec(path) ?? [];
    const last = sha256 === undefined ? "" : "/{sha256}";
    const below = `${rest ?? ""}${question === undefined ? last : "/{question}/answer"}`;
    const route = `/v1/${kind}${id === undefined ? "" : `/{id}${below}`}`;
    const given = await askedOf(request, route, id, query);
    const asked = { ...given, parameters: { ...given.parameters, sha256, question } };
    if (kind === "passkeys") {
      if (asked.method === "GET") return readDeeds(asked);
      return recordDeed({ rpId: "localhost", origin })(asked);
    }
    if (kind === "delegations" && asked.method === "POST") return recordPlace(asked);
    if (kind === "delegations" || kind === "absence") return plan(asked);
    if (rest?.startsWith("/questions") === true) return askAbout(asked);
    if (rest === "/withdrawal") return takeBack(asked);
    if (rest !== "/sign-offs" && rest !== "/loan") return read(asked);
    const answered = rest === "/loan" ? await lend(asked) : await record(asked);
    for (const promotion of service.promotions.values()) if (promotion.id === id) await settle(promotion.id);
    openNextStage(service.promotions, id ?? "");
    return answered;
  }

  const origin = `http://localhost:${server.port}`;
  /** Only what the API's routes let through. */
  async function follow(link: string, query: Record<string, string>, request: IncomingMessage): Promise<Answer> {
    if (request.method !== "GET" && request.method !== "HEAD")
      throw new Failure("not-found", "There is no such route.");
    return linksOf(
      service.facts,
      origin,
    )({ ...(await askedOf(request, "/r/{link}", undefined, query)), parameters: { link } });
  }
  provider.setClient({
    clientId,
    name: "Countersign",
    kind: "browser",
    redirectUris: [`${origin}/`],
    logoutUris: [`${origin}/`],
  });
  return {
    ...service,
    state: service,
    origin,
    issuer,
    close: async () => {
      await server.close();
      await provider.close();
    },
  };
}

async function askedOf(
  request: IncomingMessage,
  route: string,
  id: string | undefined,
  query: Record<string, string>,
): Promise<ApiRequest> {
  return {
    method: request.method ?? "GET",
    route,
    parameters: { id },
    query,
    headers: request.headers as Record<string, string>,
    body: (await readBody(request, 1e6)) ?? new Uint8Array(),
  };
}

const pathPattern =
  /^\/v1\/(promotions|passkeys|delegations|absence)(?:\/([^/]+))?(\/[a-z-]+)?(?:\/([0-9a-f]{64})|\/([0-9a-f]{32})\/answer)?$/;

function newestFirst(promotions: readonly Promotion[]): readonly Promotion[] {
  return promotions.toSorted((a, b) => (a.submittedAt > b.submittedAt ? -1 : 1));
}

/** What the state machine does between two stages. */
function openNextStage(promotions: Map<string, Promotion>, id: string): void {
  const promotion = promotions.get(id);
  if (promotion?.status !== "in-review" || promotion.stage?.open !== false) return;
  const index = promotion.stage.index + 1;
  const now = instantFromMs(Date.now());
  const name = policy.matrix.rules.find((rule) => rule.modelType === promotion.manifest.model.type)?.stages[index]
    ?.name;
  const stage = { index, name: name ?? "", round: 1, openedAt: now, deadline: addSeconds(now, 3600), open: true };
  promotions.set(id, { ...promotion, stage });
}

function sendAnswer(response: ServerResponse, { status, headers, json, text }: Answer): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}

function sendFile(dist: string, pathname: string, issuer: string, response: ServerResponse): void {
  const file = join(dist, pathname === "/" ? "index.html" : pathname);
  if (!existsSync(file)) return void response.writeHead(404).end();
  const page = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    // `http://localhost` is where packs are, in the addresses that this service gives.
    `connect-src 'self' ${new URL(issuer).origin} http://localhost`,
    // As of an issuer of the organisation's own.
    `form-action 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const verifier = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
  response.writeHead(200, {
    "content-type": types[extname(file)] ?? "application/octet-stream",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": pathname.startsWith("/assets/verifier-") ? verifier : page,
  });
  response.end(readFileSync(file));
}
