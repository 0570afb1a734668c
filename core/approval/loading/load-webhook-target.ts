import { complain, fieldsOf, type Place, secondsOf, slugOf, textOf } from "../../encoding/policy-file.ts";
import type { WebhookTarget } from "../../promotion/target.ts";
import { demandsOf } from "./load-demands.ts";
import { deployedToOf } from "./load-pipeline-target.ts";

const longestWithin = 86_400;

/** Reads a target of the kind `webhook`. */
export function webhookTargetOf(place: Place): Omit<WebhookTarget, "name"> {
  const { endpoint, url, secret, within, infrastructure } = fieldsOf(
    place,
    ["kind", "endpoint", "url", "secret", "within"],
    ["infrastructure"],
  );
  const address = textOf(url, 300);
  // A name and a password in it would be signed, recorded and shown.
  if (url !== undefined && !/^https:\/\/[^\s@?#]+$/.test(address))
    complain(
      url,
      "This must be the receiver's address: it begins with https://, and holds no name, password or query.",
    );
  return {
    kind: "webhook",
    endpoint: deployedToOf(endpoint),
    url: address,
    secret: slugOf(secret),
    withinSeconds: secondsOf(within, 60, longestWithin),
    ...demandsOf({ infrastructure }),
  };
}
