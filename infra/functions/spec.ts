import type * as v from "valibot";

/** What a function needs beside its permissions. */
interface FunctionSpec {
  readonly environment: v.ObjectSchema<v.ObjectEntries, undefined>;
  readonly description: string;
  /** Memory also sets the share of a CPU: 1,769 MB are one. */
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
}

export type FunctionSpecs = Readonly<Record<string, FunctionSpec>>;

/** What asks a target or a cluster, call by call: each may take ten seconds (adapters/kubernetes/api-call.ts), and there are nine and more. */
export const asking = { memoryMegabytes: 512, timeoutSeconds: 300 } as const;

/** What answers a request has no longer: API Gateway gives up after 29 seconds. */
export const answering = { memoryMegabytes: 512, timeoutSeconds: 28 } as const;
