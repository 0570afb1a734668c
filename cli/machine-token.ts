import { readToken } from "../core/attestation/id-token.ts";
import { fromUtf8 } from "../core/encoding/bytes.ts";
import { msOfInstant } from "../core/encoding/instant.ts";
import { Failure } from "../core/failure.ts";
import { trustworthyAddress } from "./service/address.ts";
import { connectionFailure } from "./service/connection-failure.ts";
import type { Surroundings } from "./surroundings.ts";

/** Answers a token for the next request; a new one where the last is about to end. */
export type TokenSource = () => Promise<string>;

export const defaultTokenVariable = "COUNTERSIGN_TOKEN";

const timeoutMs = 30_000;
const largestAnswer = 64 * 1024;

/**
 * Where this CI job's OIDC token comes from: the variable, where it is set (GitLab's `id_tokens`, Jenkins), else GitHub
 * Actions' own service. `undefined` outside CI.
 */
export function machineTokenSource(
  wanted: { readonly variable: string; readonly audience: string },
  { environment, now }: Pick<Surroundings, "environment" | "now">,
): TokenSource | undefined {
  const given = environment[wanted.variable]?.trim();
  if (given) return async () => given;
  const url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"];
  const requestToken = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
  if (!url || !requestToken) return undefined;
  let held: string | undefined;
  return async () => {
    // GitHub's tokens live for minutes, and a wait may last for days.
    if (held === undefined || endsSoon(held, msOfInstant(now()))) {
      held = await requestedFromGitHub(url, requestToken, wanted.audience);
    }
    return held;
  };
}

/** The token source, or `unauthenticated` with what to do. */
export function requireTokenSource(source: TokenSource | undefined, variable: string): TokenSource {
  if (source !== undefined) return source;
  throw new Failure(
    "unauthenticated",
    `There is no CI token: set ${variable}, or in GitHub Actions give the job 'permissions: id-token: write'.`,
  );
}

function endsSoon(token: string, nowMs: number): boolean {
  const { exp } = readToken(token).claims;
  return typeof exp !== "number" || exp * 1000 < nowMs + 60_000;
}

// https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
async function requestedFromGitHub(url: string, requestToken: string, audience: string): Promise<string> {
  const address = trustworthyAddress(url, "GitHub's token service");
  address.searchParams.set("audience", audience);
  let response: Response;
  try {
    response = await fetch(address, {
      headers: { authorization: `Bearer ${requestToken}`, accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    const why = connectionFailure(cause, timeoutMs);
    throw new Failure("unavailable", `GitHub's token service gave no token for this job: ${why}.`, { cause });
  }
  if (!response.ok) {
    const sentence = `GitHub's token service gave no token for this job: it answered ${response.status}.`;
    throw new Failure("unavailable", sentence);
  }
  let value: unknown;
  try {
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length <= largestAnswer) value = (JSON.parse(fromUtf8(bytes)) as { value?: unknown }).value;
  } catch (cause) {
    // Its message would quote what was answered, and that may be a token.
    throw new Failure("unavailable", "GitHub's token service gave no token for this job.", { cause });
  }
  if (typeof value === "string" && value !== "") return value;
  throw new Failure("unavailable", "GitHub's token service gave no token for this job.");
}
