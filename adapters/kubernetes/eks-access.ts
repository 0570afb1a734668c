import { DescribeClusterCommand, type EKSClient } from "@aws-sdk/client-eks";
import { SignatureV4 } from "@smithy/signature-v4";
import { base64url } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { Failure } from "../../core/failure.ts";
import type { ClusterAccess } from "./api-call.ts";

/** The signature's own life, as `aws eks get-token` makes it; the cluster takes the token for 15 minutes from its date. */
const signatureSeconds = 60;

/** A cluster that is made anew under its name has another address and another authority. */
const knownMilliseconds = 5 * 60_000;

/**
 * Access to EKS clusters by name, as the role that this function has. Address and authority are asked for once in five
 * minutes; a token is made for every use, by signing alone: nothing is sent to STS from here.
 */
export function eksAccess(client: EKSClient, now: () => Date): (cluster: string) => Promise<ClusterAccess> {
  const known = new Map<string, { readonly asked: Promise<Omit<ClusterAccess, "token">>; readonly ms: number }>();
  return async (cluster) => {
    const ms = now().getTime();
    const before = known.get(cluster);
    const { asked } = before !== undefined && ms - before.ms < knownMilliseconds ? before : ask(cluster, ms);
    return { ...(await asked), token: await eksToken(client, cluster, now()) };
  };

  function ask(cluster: string, ms: number) {
    const entry = { asked: describe(client, cluster), ms };
    known.set(cluster, entry);
    // What failed is asked again.
    entry.asked.catch(() => known.get(cluster) === entry && known.delete(cluster));
    return entry;
  }
}

/**
 * The token by which EKS knows an AWS principal: a GetCallerIdentity, signed for one cluster, which the cluster sends
 * to STS. https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
async function eksToken(client: EKSClient, cluster: string, signingDate: Date): Promise<string> {
  const { credentials, sha256, region } = client.config;
  const regionName = await region();
  const signer = new SignatureV4({ service: "sts", region: regionName, credentials, sha256 });
  const hostname = `sts.${regionName}.${regionName.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}`;
  const signed = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      headers: { host: hostname, "x-k8s-aws-id": cluster },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    },
    // A presigned address carries its headers as parameters, except those that must be sent as they are.
    { expiresIn: signatureSeconds, signingDate, unhoistableHeaders: new Set(["x-k8s-aws-id"]) },
  );
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return `k8s-aws-v1.${base64url(utf8(`https://${hostname}/?${query.join("&")}`))}`;
}

async function describe(client: EKSClient, name: string): Promise<Omit<ClusterAccess, "token">> {
  const { cluster } = await client.send(new DescribeClusterCommand({ name })).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
    const sentence = sentences[error.name];
    throw sentence === undefined ? error : new Failure("deployment-refused", `${sentence} (${name})`, { cause: error });
  });
  const server = cluster?.endpoint;
  const authority = cluster?.certificateAuthority?.data;
  if (server === undefined || authority === undefined) {
    throw new Failure(
      "unavailable",
      `The cluster '${name}' is ${cluster?.status ?? "unknown"}: it has no address yet.`,
    );
  }
  return { server, authority };
}

const sentences: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "There is no such cluster in this account and region.",
  AccessDeniedException: "This function's role may not ask where the cluster is.",
};
