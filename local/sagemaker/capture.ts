import { randomUUID } from "node:crypto";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { oneOf, onlyCarried, requiredObject, requiredText, validationException } from "./input.ts";

/** A request and what a variant answered to it. */
interface Exchange {
  readonly asked: Body;
  readonly answered: Body;
}

export interface Body {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Data capture of one endpoint's configuration. */
export interface Capture {
  record(variant: string, exchange: Exchange): void;
  /** Leaves in S3 what has been captured so far. */
  flush(): Promise<void>;
}

/** Lines of one file, while requests keep coming. */
const linesOfFile = 25;

/** `DataCaptureConfig` of an endpoint configuration: everything of both sides; a part of the requests is not carried, nor a key. */
export function checkedCapture(body: JsonObject): JsonObject {
  const config = requiredObject(body, "DataCaptureConfig");
  onlyCarried(
    config,
    ["EnableCapture", "InitialSamplingPercentage", "DestinationS3Uri", "CaptureOptions", "CaptureContentTypeHeader"],
    "DataCaptureConfig",
  );
  if (config["EnableCapture"] === false || config["InitialSamplingPercentage"] !== 100)
    throw validationException("The local stand-in captures every request or none.");
  if (!/^s3:\/\/[^/]+\/.+/.test(requiredText(config, "DestinationS3Uri")))
    throw validationException("DestinationS3Uri must name a bucket and a prefix.");
  const options = config["CaptureOptions"];
  const modes = isList(options)
    ? options.map((option) => (isRecord(option) ? oneOf(option, "CaptureMode", ["Input", "Output"]) : ""))
    : [];
  if (modes.toSorted().join() !== "Input,Output")
    throw validationException("The local stand-in captures Input and Output together.");
  return config;
}

/**
 * Captures as SageMaker does: JSON lines, in files named after endpoint, variant and the hour
 * (https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html).
 */
export function openCapture(
  config: JsonObject,
  endpoint: string,
  { now, write }: { readonly now: () => number; readonly write: (s3Uri: string, text: string) => Promise<void> },
): Capture {
  const waiting = new Map<string, string[]>();
  const writing = new Set<Promise<void>>();
  const prefix = String(config["DestinationS3Uri"]).replace(/\/$/, "");

  function leave(variant: string): void {
    const lines = waiting.get(variant) ?? [];
    waiting.delete(variant);
    if (lines.length === 0) return;
    const [date = "", time = ""] = new Date(now()).toISOString().split("T");
    const [hour = "", ...rest] = time.replace("Z", "").split(/[:.]/);
    const name = `${[...rest, randomUUID()].join("-")}.jsonl`;
    const uri = [prefix, endpoint, variant, ...date.split("-"), hour, name].join("/");
    const written = write(uri, `${lines.join("\n")}\n`);
    writing.add(written);
    void written.finally(() => writing.delete(written));
  }

  return {
    record(variant, exchange) {
      const lines = waiting.get(variant) ?? [];
      lines.push(JSON.stringify(lineOf(config, exchange, now())));
      waiting.set(variant, lines);
      if (lines.length >= linesOfFile) leave(variant);
    },
    async flush() {
      for (const variant of [...waiting.keys()]) leave(variant);
      await Promise.all(writing);
    },
  };
}

function lineOf(config: JsonObject, { asked, answered }: Exchange, at: number): JsonObject {
  return {
    captureData: {
      endpointInput: { observedContentType: asked.contentType, mode: "INPUT", ...written(config, asked) },
      endpointOutput: { observedContentType: answered.contentType, mode: "OUTPUT", ...written(config, answered) },
    },
    eventMetadata: { eventId: randomUUID(), inferenceTime: `${new Date(at).toISOString().slice(0, 19)}Z` },
    eventVersion: "0",
  };
}

/** Text for the content types that the configuration names, base64 for all others. */
function written(
  config: JsonObject,
  { contentType, bytes }: Body,
): { readonly data: string; readonly encoding: string } {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  const header = config["CaptureContentTypeHeader"];
  const named = (member: string) => {
    const types = isRecord(header) ? header[member] : undefined;
    return isList(types) && types.includes(type);
  };
  const encoding = named("CsvContentTypes") ? "CSV" : named("JsonContentTypes") ? "JSON" : "BASE64";
  return { data: Buffer.from(bytes).toString(encoding === "BASE64" ? "base64" : "utf8"), encoding };
}
