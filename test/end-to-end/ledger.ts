import { verifyEd25519 } from "../../adapters/node-crypto/signatures.ts";
import { ledgerObjects } from "../../adapters/s3/ledger-objects.ts";
import { fromBase64 } from "../../core/encoding/base64.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import type { LogFinding } from "../../core/ledger/log-findings.ts";
import { verifyLog } from "../../core/ledger/verify-log.ts";
import { outputOf, type Pipeline } from "../../examples/credit-scoring/demo/pipeline.ts";
import type { RunningStack } from "../../local/stack.ts";
import { Operator } from "./operator.ts";
import { eventually } from "./trial.ts";

/** The ledger as an auditor finds it in the bucket. */
export interface ReadLedger {
  readonly findings: readonly LogFinding[];
  /** Ids of the facts, in the order of the ledger. */
  readonly facts: readonly string[];
}

interface ServiceDescription {
  readonly logOrigin: string;
  readonly keys: { readonly checkpoint: { readonly ed25519: string } };
}

/** Reads and verifies the whole ledger from its objects, trusting nothing but the deployment's public key. */
export async function readLedger(stack: RunningStack): Promise<ReadLedger> {
  const operator = new Operator(stack);
  const bucket = outputOf(stack, "LedgerBucketName");
  const service = (await (await fetch(`${stack.addresses.portal}/v1/service`)).json()) as ServiceDescription;
  const facts: string[] = [];
  const { findings } = await verifyLog(
    {
      paths: (await operator.keys(bucket)).filter((key) => !key.startsWith("blobs/")),
      read: ledgerObjects(operator.s3(), bucket).get,
    },
    {
      trust: { origin: service.logOrigin, keys: [fromBase64(service.keys.checkpoint.ed25519)] },
      verify: verifyEd25519,
      visit: (_first, entries) => {
        for (const entry of entries) facts.push((JSON.parse(fromUtf8(entry)) as { readonly id: string }).id);
      },
    },
  );
  return { findings, facts };
}

/** The ledger once it holds everything that the API tells of these promotions. */
export function ledgerWith(
  stack: RunningStack,
  pipeline: Pipeline,
  promotions: readonly string[],
): Promise<ReadLedger> {
  return eventually("the ledger", async () => {
    const told = (await Promise.all(promotions.map((id) => pipeline.promotion(id)))).flatMap(
      ({ timeline }) => timeline,
    );
    const ledger = await readLedger(stack);
    const archived = new Set(ledger.facts);
    return told.every(({ id }) => archived.has(id)) ? ledger : undefined;
  });
}
