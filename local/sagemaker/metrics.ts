import type { Sample } from "../cloudwatch/metrics.ts";

/** One request as SageMaker counts it. */
export interface Invocation {
  readonly endpoint: string;
  readonly variant: string;
  readonly configName: string;
  /** The inference component that answered. */
  readonly component?: string;
  /** What the model answered; `undefined` where it did not. */
  readonly status: number | undefined;
  /** It came out of a queue, and so the answer was left, or was not. */
  readonly queued?: { readonly failed: boolean };
  readonly milliseconds: number;
}

/**
 * The metrics of one request, for the variant and for the variant of this configuration, or the inference component, alone: for each answer 1 or 0
 * errors, so that their average is a share; the latency in microseconds
 * (https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html).
 */
export function invocationMetrics(invocation: Invocation): Sample[] {
  const { endpoint, variant, configName, component, status, milliseconds, queued } = invocation;
  const both = { EndpointName: endpoint, VariantName: variant };
  const is = (hundreds: number) => (Math.floor((status ?? 500) / 100) === hundreds ? 1 : 0);
  const values = {
    // Not of what was queued: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
    ...(queued === undefined ? { Invocations: 1 } : {}),
    Invocation4XXErrors: is(4),
    Invocation5XXErrors: is(5),
    ModelLatency: Math.round(milliseconds * 1000),
  };
  const alone =
    component === undefined ? { ...both, EndpointConfigName: configName } : { InferenceComponentName: component };
  const counted = queued === undefined ? {} : { InvocationsProcessed: 1, InvocationFailures: queued.failed ? 1 : 0 };
  const samples = (dimensions: Sample["dimensions"], of: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(of).map(([metric, value]) => ({ namespace: "AWS/SageMaker", metric, dimensions, value }));
  return [...samples(both, { ...values, ...counted }), ...samples(alone, values)];
}
