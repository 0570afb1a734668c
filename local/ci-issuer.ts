import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { SignJWT } from "jose";
import * as v from "valibot";

import type { LocalService } from "./aws/aws-call.ts";
import { listenOnLoopback, readBody } from "./loopback-server.ts";
import { type SigningKey, signingKeyAt } from "./signing-key.ts";

const id = v.pipe(v.string(), v.regex(/^\d+$/, "must be digits"));
const text = v.pipe(v.string(), v.minLength(1));

// https://docs.github.com/en/actions/reference/security/oidc: every custom claim is a string, ids included.
const job = v.strictObject({
  audience: text,
  repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, "must be owner/name")),
  repository_id: id,
  repository_owner_id: id,
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, "must be a commit")),
  ref: v.optional(v.pipe(v.string(), v.startsWith("refs/")), "refs/heads/main"),
  /** The deployment environment that the job names, if it names one. */
  environment: v.optional(text),
  /** `owner/name/.github/workflows/file.yml@ref` of the workflow that runs the job. */
  job_workflow_ref: text,
  workflow: v.optional(text, "promote"),
  event_name: v.optional(text, "push"),
  run_id: id,
  run_number: v.optional(id, "1"),
  run_attempt: v.optional(id, "1"),
  actor: text,
  actor_id: id,
});

const customClaims = Object.keys(job.entries).filter((name) => name !== "audience");

/** What a job is; the rest of its token follows from it. */
export type CiJob = v.InferInput<typeof job>;

export interface CiIssuerOptions {
  /** Folder for the signing key and the request token. */
  readonly directory: string;
  /** The issuer's address has the port in it: give the same one at every start. */
  readonly port?: number;
  readonly clock?: () => number;
}

export interface LocalCiIssuer extends LocalService {
  readonly issuer: string;
  readonly jwksUri: string;
  /** What `POST {url}/token` wants as bearer token, as a runner has its ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  readonly requestToken: string;
  /** The ID token of one job. Each has a `jti` of its own. */
  issueToken(job: CiJob): Promise<string>;
}

/**
 * Starts an issuer that imitates GitHub Actions: discovery, JWKS, and RS256 tokens with GitHub's claims. A process
 * that knows the request token gets one by `POST /token` with a job as JSON, or as a GitHub runner asks, by `GET` with
 * the job and the audience in the query; the answer is `{"value": token}`.
 */
export async function startCiIssuer({ directory, port, clock = Date.now }: CiIssuerOptions): Promise<LocalCiIssuer> {
  const key = signingKeyAt(join(directory, "signing-key.json"));
  const requestToken = secretAt(directory);
  let issuer = "";
  const issueToken = (given: CiJob) => sign(v.parse(job, given), issuer, key, clock());
  const server = await listenOnLoopback((request, response) => {
    const { pathname } = new URL(request.url ?? "/", issuer);
    if (pathname === "/token") return exchange(request, response, { requestToken, issueToken, issuer });
    if (request.method !== "GET") return send(response, 405, { message: "Only GET." });
    if (pathname === "/.well-known/openid-configuration") return send(response, 200, discovery(issuer));
    if (pathname === "/.well-known/jwks") return send(response, 200, { keys: [key.publicJwk] });
    return send(response, 404, { message: "Not found." });
  }, port);
  issuer = server.url;
  return {
    url: server.url,
    close: server.close,
    issuer,
    jwksUri: `${issuer}/.well-known/jwks`,
    requestToken,
    issueToken,
  };
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  { requestToken, issueToken, issuer }: Pick<LocalCiIssuer, "requestToken" | "issueToken" | "issuer">,
): Promise<void> {
  const asked = request.method === "GET";
  if (!asked && request.method !== "POST") return send(response, 405, { message: "Only GET and POST." });
  const [, bearer = ""] = /^bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
  const [given, expected] = [Buffer.from(bearer), Buffer.from(requestToken)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return send(response, 401, { message: "The request token is missing or wrong." });
  }
  const asJson = asked
    ? JSON.stringify(Object.fromEntries(new URL(request.url ?? "/", issuer).searchParams))
    : (await readBody(request, 64 * 1024))?.toString("utf8");
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), job), asJson);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return send(response, 400, { message: `${v.getDotPath(issue) ?? "The job"}: ${issue.message}` });
  }
  send(response, 200, { value: await issueToken(parsed.output) });
}

function sign(given: v.InferOutput<typeof job>, issuer: string, key: SigningKey, now: number): Promise<string> {
  const { audience, environment, ...claims } = given;
  const [owner = "", name = ""] = given.repository.split("/");
  const iat = Math.floor(now / 1000);
  const context = environment === undefined ? `ref:${given.ref}` : `environment:${environment}`;
  return new SignJWT({
    ...claims,
    ...(environment === undefined ? {} : { environment }),
    // https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
    sub: `repo:${owner}-${given.repository_owner_id}/${name}-${given.repository_id}:${context}`,
    repository_owner: owner,
    repository_visibility: "private",
    ref_type: given.ref.startsWith("refs/tags/") ? "tag" : "branch",
    ref_protected: "true",
    workflow_ref: given.job_workflow_ref,
    workflow_sha: given.sha,
    job_workflow_sha: given.sha,
    runner_environment: "github-hosted",
    base_ref: "",
    head_ref: "",
    iss: issuer,
    aud: audience,
    jti: randomUUID(),
    // The life of GitHub's own example token: valid from ten minutes before to five minutes after.
    nbf: iat - 600,
    iat,
    exp: iat + 300,
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: key.keyId })
    .sign(key.privateKey);
}

function discovery(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    claims_supported: ["sub", "aud", "exp", "iat", "iss", "jti", "nbf", "repository_owner", ...customClaims],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
}

function secretAt(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "request-token");
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString("base64url"), { mode: 0o600 });
  return readFileSync(path, "utf8");
}

function send(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document));
}
