import { principalOf } from "./aws/aws-call.ts";
import { type LoopbackServer, listenOnLoopback } from "./loopback-server.ts";

/** Answers for every AWS service that has no stand-in: 501, in a form that SDK clients show to whoever called. */
export function refuseEverything(port: number): Promise<LoopbackServer> {
  return listenOnLoopback((request, response) => {
    const service = request.headers.authorization?.match(/Credential=[^/]+\/[^/]+\/[^/]+\/([^/]+)\//)?.[1] ?? "unknown";
    const message = `The service ${service} has no stand-in here; ${principalOf(request) ?? "somebody"} asked for it.`;
    console.error(message);
    response.writeHead(501, { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": "NotImplemented" });
    response.end(JSON.stringify({ __type: "NotImplemented", message }));
  }, port);
}
