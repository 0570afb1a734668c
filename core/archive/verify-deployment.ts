import * as v from "valibot";
import { fromUtf8 } from "../encoding/bytes.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import type { ReadDocument } from "./promotion-file.ts";
import { attachmentNamed } from "./read-record.ts";

/** The document in which a deployment's records keep what the target and its alarms said. */
export const deploymentDocument = "deployment.json";

const document = v.object({ progress: v.string() });

/** What the target must have said for a record to be true; a roll-back begins for many reasons. */
const required: Partial<Record<LedgerRecord["type"], string>> = {
  deployed: "serving",
  "rolled-back": "returned",
  failed: "displaced",
};

/** Where a record of a deployment's end does not fit what the target said, by the document that it keeps: a sentence. */
export async function recheckDeploymentEnd(record: LedgerRecord, read: ReadDocument): Promise<string | undefined> {
  const { sha256 } = attachmentNamed(record, deploymentDocument);
  const bytes = await read(sha256);
  // That it is missing was said already.
  if (bytes === undefined) return undefined;
  const said = v.safeParse(document, parsed(bytes));
  if (!said.success) return `${deploymentDocument} is not of the form that is known here.`;
  const expected = required[record.type];
  if (expected === undefined || said.output.progress === expected) return undefined;
  return `It is recorded as ${record.type}, and what the target said then is '${said.output.progress}'.`;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}
