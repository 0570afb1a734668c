import type { MetricSink } from "../cloudwatch/metrics.ts";
import type { Body, Capture } from "./capture.ts";
import { invocationMetrics } from "./metrics.ts";

/** A variant that nobody hears. */
export interface InShadow {
  readonly variantName: string;
  readonly configName: string;
  fetch(path: string, init: RequestInit): Promise<Response>;
  retire(): Promise<void>;
}

/** What is done with an endpoint's requests beside answering them. */
export interface Mirror {
  /** Captures what was answered, and hands what was asked on to the variant in shadow, whose answer nobody hears. */
  take(
    exchange: { readonly asked: Body; readonly accept?: string; readonly answered?: Body },
    metrics: MetricSink,
  ): void;
  /** Waits for what is under way, stops the variant in shadow, and leaves what was captured. */
  close(): Promise<void>;
}

/** How long SageMaker lets a container think. */
const modelTimeout = 60_000;

export function openMirror(
  endpoint: string,
  variant: string,
  { shadow, capture }: { readonly shadow?: InShadow; readonly capture?: Capture },
): Mirror {
  const underWay = new Set<Promise<void>>();
  return {
    take({ asked, accept, answered }, metrics) {
      if (answered !== undefined) capture?.record(variant, { asked, answered });
      if (shadow === undefined) return;
      const mirrored = ask(shadow, asked, accept).then(({ status, body, milliseconds }) => {
        const { variantName, configName } = shadow;
        metrics.record(invocationMetrics({ endpoint, variant: variantName, configName, status, milliseconds }));
        if (body !== undefined) capture?.record(variantName, { asked, answered: body });
      });
      underWay.add(mirrored);
      void mirrored.finally(() => underWay.delete(mirrored));
    },
    async close() {
      await Promise.all(underWay);
      await shadow?.retire();
      await capture?.flush();
    },
  };
}

async function ask(
  shadow: InShadow,
  asked: Body,
  accept: string | undefined,
): Promise<{ readonly status: number | undefined; readonly body?: Body; readonly milliseconds: number }> {
  const began = performance.now();
  const since = () => performance.now() - began;
  try {
    const answer = await shadow.fetch("/invocations", {
      method: "POST",
      body: new Uint8Array(asked.bytes),
      headers: { "content-type": asked.contentType, ...(accept === undefined ? {} : { accept }) },
      signal: AbortSignal.timeout(modelTimeout),
    });
    const milliseconds = since();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    // What is no answer is not captured.
    if (!answer.ok) return { status: answer.status, milliseconds };
    const contentType = answer.headers.get("content-type") ?? "application/octet-stream";
    return { status: answer.status, body: { contentType, bytes }, milliseconds };
  } catch {
    return { status: undefined, milliseconds: since() };
  }
}
