import { join } from "node:path";
import { fromBase64 } from "../core/encoding/base64.ts";
import { Failure } from "../core/failure.ts";
import { formatVerifierKey, noteKey } from "../core/ledger/note-key.ts";
import { serveRestApi } from "./api-gateway/api-gateway.ts";
import type { LocalService } from "./aws/aws-call.ts";
import { openCallLog } from "./call-log.ts";
import { createStacks, type Outputs } from "./cloudformation/create-resources.ts";
import { allCreators } from "./cloudformation/creators.ts";
import { readAssembly } from "./cloudformation/template.ts";
import { startDynamoDb } from "./dynamodb/dynamodb.ts";
import { startKms } from "./kms/kms.ts";
import { newWorld } from "./new-world.ts";
import { portsFor } from "./ports.ts";
import { refuseEverything } from "./refuse-everything.ts";
import { lockState } from "./state-lock.ts";

export interface WitnessOptions {
  /** An account of its own: nothing in it is the watched service's. */
  readonly stateDirectory: string;
  /** What `infra/witness-app.ts` was synthesized to. */
  readonly cdkOut: string;
  readonly name: string;
  /** Verifier keys of the logs that it watches. */
  readonly watched: readonly string[];
}

export interface RunningWitness {
  /** Where checkpoints are shown to it, without a slash at the end; the same at each start. */
  readonly url: string;
  /** Its verifier key, for whoever verifies. */
  readonly key: string;
  close(): Promise<void>;
}

/** Starts the synthesized stack of a witness on this machine, or goes on with what an earlier run in the directory left. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const { stateDirectory: directory } = options;
  const closers: (() => Promise<void> | void)[] = [lockState(directory)];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  const started = async <Service extends LocalService>(starting: Promise<Service>): Promise<Service> => {
    const service = await starting;
    closers.push(() => service.close());
    return service;
  };
  try {
    const ports = await portsFor(directory, "free");
    const log = openCallLog(join(directory, "aws-calls.jsonl"));
    closers.push(() => log.close());
    const dynamodb = await started(
      startDynamoDb({ directory: join(directory, "dynamodb"), log, port: ports.dynamodb }),
    );
    const kms = await started(startKms({ directory: join(directory, "kms"), log, port: ports.kms }));
    await started(refuseEverything(ports.elsewhere));
    const world = newWorld({
      assembly: readAssembly(options.cdkOut),
      services: { dynamodb, kms, s3: noBuckets },
      ports,
      addresses: { portal: "", issuer: "" },
      callLog: log,
      directory,
    });
    const parameters = { WitnessName: options.name, WatchedLogs: JSON.stringify(options.watched) };
    const outputs = await createStacks(world.assembly.templates, world, allCreators, parameters);
    closers.push(async () => {
      await Promise.all([...world.functions.values()].map((each) => each.close(graceMilliseconds)));
    });
    const [api] = world.restApis;
    if (api === undefined) throw new Failure("invalid-request", "The template needs a REST API stage.");
    await started(serveRestApi(api, { port: ports.api, now: world.now }));
    const { SubmissionPrefix: url, WitnessKeyId: keyId } = outputs["CountersignWitness"] ?? ({} as Outputs);
    return { url: String(url), key: await verifierKey(kms.url, String(keyId), options.name), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const graceMilliseconds = 3000;

const noBuckets = {
  url: "",
  createBucket: () => {
    throw new Failure("invalid-request", "A witness has no buckets.");
  },
};

/** The public half of its key, asked for as its operator would (docs/witness.md). */
async function verifierKey(kms: string, keyId: string, name: string): Promise<string> {
  const answer = await fetch(kms, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "TrentService.GetPublicKey",
      authorization: "AWS4-HMAC-SHA256 Credential=OPERATOR/20260101/us-east-1/kms/aws4_request",
    },
    body: JSON.stringify({ KeyId: keyId }),
  });
  const { PublicKey: spki } = (await answer.json()) as { readonly PublicKey: string };
  // An Ed25519 key in SPKI (RFC 8410) is 44 bytes, the key itself the last 32.
  return formatVerifierKey(noteKey(name, "cosignature/v1", fromBase64(spki).slice(-32)));
}
