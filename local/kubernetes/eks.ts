import type { AwsCallLog, LocalService } from "../aws/aws-call.ts";
import { localAccount, localRegion, principalOf } from "../aws/aws-call.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import { listenOnLoopback } from "../loopback-server.ts";

/** What EKS tells of a cluster. */
export interface DescribedCluster {
  readonly name: string;
  readonly url: string;
  /** PEM. */
  readonly authority: string;
}

/**
 * EKS on loopback: DescribeCluster of the clusters that are given, and nothing else.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html
 */
export function startEks(options: {
  readonly clusters: readonly DescribedCluster[];
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly now?: () => number;
}): Promise<LocalService> {
  const { clusters, log, now = Date.now } = options;
  return listenOnLoopback((request, response) => {
    const name = new URL(request.url ?? "/", "http://127.0.0.1").pathname.match(/^\/clusters\/([^/]+)$/)?.[1];
    const principal = principalOf(request);
    const answer = (status: number, body: JsonObject, error?: string): void => {
      const text = JSON.stringify(body);
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      response.writeHead(status, error === undefined ? headers : { ...headers, "x-amzn-errortype": error }).end(text);
    };
    if (request.method !== "GET" || name === undefined) {
      const message = `${request.method} ${request.url} is not carried by the local stand-in.`;
      return answer(501, { message }, "NotImplemented");
    }
    if (principal === undefined)
      return answer(403, { message: "Missing Authentication Token" }, "MissingAuthenticationTokenException");
    const cluster = clusters.find((each) => each.name === decodeURIComponent(name));
    log.record({
      at: new Date(now()).toISOString(),
      principal,
      action: "eks:DescribeCluster",
      resource: arnOf(name),
      context: {},
      status: cluster === undefined ? 404 : 200,
    });
    if (cluster === undefined)
      return answer(404, { message: `No cluster found for name: ${name}.` }, "ResourceNotFoundException");
    const certificateAuthority = { data: Buffer.from(cluster.authority).toString("base64") };
    answer(200, {
      cluster: {
        name: cluster.name,
        arn: arnOf(cluster.name),
        status: "ACTIVE",
        endpoint: cluster.url,
        certificateAuthority,
      },
    });
  }, options.port);
}

function arnOf(name: string): string {
  return `arn:aws:eks:${localRegion}:${localAccount}:cluster/${name}`;
}
