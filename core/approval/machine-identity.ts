import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { Author, Identity } from "../promotion/identity.ts";
import type { Machine, MachineProvider } from "./loading/load-machines.ts";

/** A pipeline that proved who it is, and the run in which it did. */
export interface Submitter {
  readonly machine: Machine;
  /** The pipeline's identity: the same for every run of it. */
  readonly identity: Identity;
  /** The person who started the run, where the token names one. */
  readonly startedBy?: Author;
  readonly run?: { readonly issuer: string; readonly id: string };
  readonly token: { readonly issuer: string; readonly id: string; readonly expiresAtSeconds: number };
}

/** Verified claims of a CI system's token, and the name under which its issuer is trusted. */
export interface MachineClaims {
  readonly issuerName: string;
  readonly issuer: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The pipeline that a token belongs to. Throws `forbidden` where no entry of policies/machines.yaml matches all of
 * its claims, and `token-invalid` where it cannot be protected from replay.
 */
export function identifyMachine(machines: readonly Machine[], token: MachineClaims): Submitter {
  const { issuer, issuerName } = token;
  const machine = machines.find(
    (each) =>
      each.issuer === issuerName &&
      Object.entries(each.match).every(
        ([claim, value]) => textClaim(claimOf(each.provider, token.claims, claim)) === value,
      ),
  );
  if (machine === undefined) throw new Failure("forbidden", strangerSentence(machines, token));
  const { provider, name } = machine;
  const { exp } = token.claims;
  const id = tokenId(provider, token.claims);
  if (id === undefined || typeof exp !== "number") {
    throw new Failure(
      "token-invalid",
      "The pipeline's token has no id (jti) or no end; it could be used again by others.",
    );
  }
  const startedBy = starterOf(provider, token.claims);
  const run = runOf(provider, token.claims);
  return {
    machine,
    identity: { issuer, subject: `machine/${name}` },
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(run === undefined ? {} : { run: { issuer, id: run } }),
    token: { issuer, id, expiresAtSeconds: exp },
  };
}

type Claims = MachineClaims["claims"];

/**
 * What a pipeline's own token says where its issuer's entries look, so that its author can hold it against
 * machines.yaml; what the entries expect there is not told.
 */
function strangerSentence(machines: readonly Machine[], { issuerName, claims }: MachineClaims): string {
  const sentence = "This pipeline is not among those that may submit here (policies/machines.yaml).";
  const asked = machines
    .filter(({ issuer }) => issuer === issuerName)
    .flatMap(({ provider, match }) => Object.keys(match).map((claim) => [claim, claimOf(provider, claims, claim)]));
  if (asked.length === 0) return `${sentence} No entry is for the issuer '${issuerName}'.`;
  const said = [...new Map(asked as [string, unknown][])].map(
    ([claim, value]) => `${claim} ${saidOf(textClaim(value))}`,
  );
  return `${sentence} Its token says: ${said.join(", ")}.`;
}

const longestClaim = 200;

function saidOf(value: string | undefined): string {
  return value === undefined ? "nothing" : `'${value.slice(0, longestClaim)}'`;
}

/** What AWS says about a workload stands in a claim of its own; tags, one level further down. */
const awsNamespace = "https://sts.amazonaws.com/";

/** The claim that a rule means by `name`; for AWS `aws_account` or `principal_tags.team` as well as `sub`. */
function claimOf(provider: MachineProvider, claims: Claims, name: string): unknown {
  if (provider !== "aws") return claims[name];
  if (name === "sub") return askedBy(claims);
  if (Object.hasOwn(claims, name)) return claims[name];
  const [first = "", ...rest] = name.split(".");
  const said = memberOf(claims[awsNamespace], first);
  return rest.length === 0 ? said : memberOf(said, rest.join("."));
}

/**
 * The principal that asked STS for the token. A session may have STS name in `sub` whom it acts for (`SubjectMode`), in words
 * that another identity provider chose, such as a role's ARN: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
function askedBy(claims: Claims): unknown {
  const said = claims[awsNamespace];
  return memberOf(said, "principal_id") === undefined ? claims["sub"] : memberOf(said, "principal_id");
}

/** Who started the run, where the CI system says so. Jenkins, AWS and clusters do not. */
function starterOf(provider: MachineProvider, claims: Claims): Author | undefined {
  switch (provider) {
    case "github":
    case "gitlab": {
      const id = textClaim(claims[provider === "github" ? "actor_id" : "user_id"]);
      return id === undefined ? undefined : { account: { provider, id } };
    }
    case "jenkins":
    case "aws":
    case "kubernetes":
      return undefined;
    default:
      return provider satisfies never;
  }
}

function runOf(provider: MachineProvider, claims: Claims): string | undefined {
  switch (provider) {
    case "github":
      return textClaim(claims["run_id"]);
    case "gitlab":
      return textClaim(claims["pipeline_id"]);
    case "jenkins": {
      // A build's number counts within its job; together they are the build's URL.
      const number = textClaim(claims["build_number"]);
      const job = textClaim(claims["sub"]);
      return number === undefined || job === undefined ? undefined : `${job.replace(/\/$/, "")}/${number}`;
    }
    case "aws":
      // AWS knows nothing of builds: the pipeline asked for its token with this tag.
      return textClaim(claimOf(provider, claims, "request_tags.run"));
    case "kubernetes":
      // A cluster knows pods, and no builds.
      return undefined;
    default:
      return provider satisfies never;
  }
}

/**
 * What no other token has. Jenkins' OpenID Connect Provider plugin writes no `jti` and lets nobody add one: there, the
 * token's claims as a whole, in which job, build and second stand, take its place.
 */
function tokenId(provider: MachineProvider, claims: Claims): string | undefined {
  const { jti } = claims;
  if (typeof jti === "string" && jti !== "" && jti.length <= 255) return jti;
  if (provider !== "jenkins" || jti !== undefined) return undefined;
  return `claims:${sha256Hex(canonicalJsonBytes(claims))}`;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** GitLab writes some ids as numbers, GitHub as text; a rule means the same by both. */
function textClaim(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : undefined;
}
