import * as v from "valibot";
import { fromBase64 } from "../../encoding/base64.ts";
import { fromUtf8, utf8 } from "../../encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { CapturedBody } from "./answers.ts";

/** A request that a model answered. Of what was asked there is only a digest: it is about somebody. */
export interface Capture {
  readonly request: Sha256;
  /** When it was answered, as the capture says it. */
  readonly at: string;
  readonly answer: CapturedBody;
}

/** Lines of a capture file, and how many of them nobody can read. */
export interface CaptureLines {
  readonly captures: readonly Capture[];
  readonly unreadable: number;
}

// https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
const body = v.object({ data: v.string(), encoding: v.picklist(["CSV", "JSON", "BASE64"]) });
const line = v.object({
  captureData: v.object({ endpointInput: body, endpointOutput: body }),
  eventMetadata: v.object({ inferenceTime: v.string() }),
});

/** Reads a file of SageMaker's data capture: JSON lines, one for each request that was answered. */
export function readCaptures(file: Uint8Array): CaptureLines {
  const lines = new TextDecoder()
    .decode(file)
    .split("\n")
    .filter((text) => text.trim() !== "");
  const captures = lines.flatMap((text) => captureOf(text) ?? []);
  return { captures, unreadable: lines.length - captures.length };
}

function captureOf(text: string): Capture | undefined {
  const result = v.safeParse(line, parsed(text));
  if (!result.success) return undefined;
  const { captureData, eventMetadata } = result.output;
  const { endpointInput: input, endpointOutput: output } = captureData;
  const answer = bodyOf(output);
  if (answer === undefined) return undefined;
  return { request: sha256Hex(utf8(`${input.encoding}\n${input.data}`)), at: eventMetadata.inferenceTime, answer };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What was captured without a known content type is in base64; whether it is JSON shows by how it begins. */
function bodyOf({ data, encoding }: v.InferOutput<typeof body>): CapturedBody | undefined {
  if (encoding !== "BASE64") return { data, encoding };
  try {
    const text = fromUtf8(fromBase64(data));
    return { data: text, encoding: /^\s*[[{]/.test(text) ? "JSON" : "CSV" };
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
