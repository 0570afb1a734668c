import type { IncomingMessage } from "node:http";
import { StatusRefusal } from "./status.ts";

/** Who an API request comes from. */
export interface KubernetesUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** An access entry of the cluster: which groups an AWS principal is in (`eks:CreateAccessEntry`). */
export interface AccessEntry {
  /** Its access key id here, as in the call log. */
  readonly principal: string;
  readonly groups: readonly string[];
}

const prefix = "k8s-aws-v1.";
/** What the authenticator lets stand in the address (aws-iam-authenticator, pkg/token). */
const parameters = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
]);
/** A token counts for 15 minutes from its date, whatever it says of its expiry. */
const tokenMilliseconds = 15 * 60_000;

/**
 * The user behind an EKS token: a presigned GetCallerIdentity, base64url, that names the cluster in a signed header.
 * Checks all that the authenticator checks before it sends the request to STS; the signature itself is checked by nobody here.
 */
export function userOf(
  request: IncomingMessage,
  cluster: { readonly name: string; readonly accessEntries: readonly AccessEntry[]; readonly now: number },
): KubernetesUser {
  const token = request.headers.authorization?.match(/^Bearer (\S+)$/)?.[1] ?? "";
  const address = token.startsWith(prefix)
    ? Buffer.from(token.slice(prefix.length), "base64url").toString("utf8")
    : undefined;
  const url = address === undefined ? undefined : URL.parse(address);
  if (url === null || url === undefined) throw unauthorized();
  const query = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  const made = instantOf(query.get("x-amz-date"));
  const credential = query.get("x-amz-credential")?.split("/") ?? [];
  const good =
    url.protocol === "https:" &&
    /^sts(\.[a-z0-9-]+)?\.amazonaws\.com$/.test(url.host) &&
    url.pathname === "/" &&
    [...query.keys()].every((name) => parameters.has(name)) &&
    query.get("action") === "GetCallerIdentity" &&
    query.get("x-amz-signedheaders")?.split(";").includes("x-k8s-aws-id") === true &&
    Number(query.get("x-amz-expires")) > 0 &&
    Number(query.get("x-amz-expires")) <= 900 &&
    made !== undefined &&
    made <= cluster.now + 60_000 &&
    cluster.now < made + tokenMilliseconds &&
    credential[3] === "sts" &&
    query.has("x-amz-signature");
  const entry = cluster.accessEntries.find(({ principal }) => principal === credential[0]);
  if (!good || entry === undefined) throw unauthorized();
  return { name: entry.principal, groups: [...entry.groups, "system:authenticated"] };
}

function unauthorized(): StatusRefusal {
  return new StatusRefusal(401, "Unauthorized", "Unauthorized");
}

/** `20261126T031607Z` in milliseconds since the epoch. */
function instantOf(date: string | undefined): number | undefined {
  const parts = date?.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/);
  if (parts === undefined || parts === null) return undefined;
  const [year = 0, month = 1, ...rest] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}
