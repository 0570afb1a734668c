import { Failure } from "../failure.ts";
import type { InstancesTarget, SageMakerTarget, Target } from "../promotion/target.ts";

/** The target, for an adapter of that one kind. */
export function requireKind<Kind extends Target["kind"]>(target: Target, kind: Kind): Extract<Target, { kind: Kind }> {
  // The type of a union narrows by a literal, not by a type parameter.
  if (target.kind === kind) return target as Extract<Target, { kind: Kind }>;
  throw new Failure("internal", `The target '${target.name}' is of the kind '${target.kind}', not '${kind}'.`);
}

/** The target, where it is on instances: a serverless one has no part and no shadow, which was refused before. */
export function requireInstances(target: SageMakerTarget): InstancesTarget {
  if (target.serverless === undefined) return target;
  throw new Failure("internal", `The target '${target.name}' is serverless.`);
}
