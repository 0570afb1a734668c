import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as v from "valibot";
import { membersOf } from "../../core/encoding/members-of.ts";

/** A secret that was changed is used within this time. */
const freshMilliseconds = 5 * 60_000;

const schema = membersOf(v.string());

/**
 * The secrets of the channels, by name: one secret in Secrets Manager that holds a JSON object, read when it is first
 * needed and kept for five minutes. `undefined` for a name that it does not hold. `secretId` is empty where the deployment
 * has none.
 */
export function channelSecrets(client: SecretsManagerClient, secretId: string, nowMs: () => number) {
  let kept: { readonly until: number; readonly secrets: Promise<Readonly<Record<string, string>>> } | undefined;
  return async (name: string): Promise<string | undefined> => {
    if (secretId === "") return undefined;
    if (kept === undefined || kept.until <= nowMs()) {
      kept = { until: nowMs() + freshMilliseconds, secrets: read() };
      // What could not be read is asked for again.
      kept.secrets.catch(() => {
        kept = undefined;
      });
    }
    const secrets = await kept.secrets;
    return Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  };

  async function read(): Promise<Readonly<Record<string, string>>> {
    const { SecretString: text = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const read = v.safeParse(schema, parsed(text));
    // Never what it holds, nor the parser's words, which quote it.
    if (!read.success) throw new Error("The secret of the channels is not a JSON object of texts.");
    return read.output;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
