import { requireKind } from "../../core/deployment/target-kind.ts";
import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Exchange } from "../../core/notification/channel.ts";
import type { Target } from "../../core/promotion/target.ts";
import { webhookHeaders, webhookKey } from "./standard-webhook.ts";

type MessageType = "deployment.requested" | "deployment.describe" | "deployment.roll-back" | "deployment.clean-up";

/**
 * Sends a message to a target's receiver and answers what it says in JSON, or nothing. What it refuses for certain is
 * `deployment-refused`; whatever may pass is `unavailable`, and the same message is sent again under the same id.
 */
export function deploymentMessages(ports: {
  readonly exchange: Exchange;
  readonly secret: (name: string) => Promise<string | undefined>;
  readonly nowMs: () => number;
}) {
  return async (target: Target, type: MessageType, id: string, data: Json): Promise<unknown> => {
    const { name, url, secret } = requireKind(target, "webhook");
    const key = webhookKey((await ports.secret(secret)) ?? "");
    if (key === undefined)
      throw new Failure("deployment-refused", `The secret '${secret}' of the target '${name}' is missing, or is none.`);
    const body = canonicalJson({ type, timestamp: instantFromMs(ports.nowMs()), data });
    const headers = webhookHeaders(key, `msg_${id}`, body, ports.nowMs());
    const answer = await exchanged({ method: "POST", url, headers, body });
    if (answer.status >= 200 && answer.status <= 299) return jsonIn(answer.body);
    if (answer.status >= 300 && answer.status <= 499 && answer.status !== 408 && answer.status !== 429)
      throw new Failure(
        "deployment-refused",
        `The receiver of the target '${name}' refused '${type}' with status ${answer.status}.`,
      );
    throw unanswered();

    async function exchanged(request: Parameters<Exchange>[0]) {
      try {
        return await ports.exchange(request);
      } catch (cause) {
        throw unanswered(cause);
      }
    }

    function unanswered(cause?: unknown): Failure {
      return new Failure("unavailable", `The receiver of the target '${name}' does not answer at the moment.`, {
        cause,
      });
    }
  };
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
