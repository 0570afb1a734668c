import { Failure } from "../failure.ts";
import type { Author, Identity } from "../promotion/identity.ts";
import type { Machine } from "./load-machines.ts";

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
  const { claims, issuer, issuerName } = token;
  const machine = machines.find(
    (each) =>
      each.issuer === issuerName &&
      Object.entries(each.match).every(([claim, value]) => textClaim(claims[claim]) === value),
  );
  if (machine === undefined) {
    throw new Failure("forbidden", "This pipeline is not among those that may submit here (policies/machines.yaml).");
  }
  const { jti, exp } = claims;
  if (typeof jti !== "string" || jti === "" || jti.length > 255 || typeof exp !== "number") {
    throw new Failure(
      "token-invalid",
      "The pipeline's token has no id (jti) or no end; it could be used again by others.",
    );
  }
  const actor = textClaim(claims[machine.provider === "github" ? "actor_id" : "user_id"]);
  const run = textClaim(claims[machine.provider === "github" ? "run_id" : "pipeline_id"]);
  return {
    machine,
    identity: { issuer, subject: `machine/${machine.name}` },
    ...(actor === undefined ? {} : { startedBy: { account: { provider: machine.provider, id: actor } } }),
    ...(run === undefined ? {} : { run: { issuer, id: run } }),
    token: { issuer, id: jti, expiresAtSeconds: exp },
  };
}

/** GitLab writes some ids as numbers, GitHub as text; a rule means the same by both. */
function textClaim(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : undefined;
}
