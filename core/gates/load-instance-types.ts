import {
  complain,
  entriesOf,
  fieldsOf,
  type Loaded,
  type Reading,
  readPolicyFile,
  textOf,
} from "../encoding/policy-file.ts";
import type { ComponentResources, ServerlessCapacity } from "../promotion/target.ts";
import { numberFrom, wholeNumberOf } from "./load-bounds.ts";
import type { GateThresholds, Machine } from "./thresholds.ts";

/** What each type of machine has, by its name. */
export type InstanceTypes = ReadonlyMap<string, Machine>;

/** Reads policies/instance-types.yaml; everything wrong with it is named with its line. */
export function loadInstanceTypes(text: string, reading: Reading = "new"): Loaded<InstanceTypes> {
  return readPolicyFile(text, reading, (root) => {
    const { instanceTypesVersion, source, types } = fieldsOf(root, ["instanceTypesVersion", "source", "types"]);
    if (instanceTypesVersion !== undefined && instanceTypesVersion.value !== 1)
      complain(instanceTypesVersion, "The version known here is 1.");
    textOf(source, 500);
    const entries = types === undefined ? [] : (entriesOf(types) ?? []);
    return new Map(
      entries.map(([name, place]): [string, Machine] => {
        const { memoryGib, accelerators, acceleratorMemoryGib } = fieldsOf(
          place,
          ["memoryGib"],
          ["accelerators", "acceleratorMemoryGib"],
        );
        if ((accelerators === undefined) !== (acceleratorMemoryGib === undefined))
          complain(place, "Accelerators have memory: 'accelerators' and 'acceleratorMemoryGib' stand together.");
        return [
          name,
          {
            memoryGib: numberFrom(memoryGib, 0.5),
            accelerators: wholeNumberOf(accelerators),
            acceleratorMemoryGib: acceleratorMemoryGib === undefined ? 0 : numberFrom(acceleratorMemoryGib, 0),
          },
        ];
      }),
    );
  });
}

/**
 * The machine of a target, where the table knows it. A serverless one, or a copy in an inference component, has the memory that
 * it says, and no accelerator; which accelerators a component's are depends on the instances that somebody else chose.
 */
export function machineOf(
  target:
    | {
        readonly kind: string;
        readonly instanceType?: string;
        readonly serverless?: ServerlessCapacity;
        readonly resources?: ComponentResources;
      }
    | undefined,
  types: InstanceTypes,
): Machine | undefined {
  const { kind, instanceType, serverless, resources } = target ?? {};
  if (kind === "sagemaker-inference-component" && resources !== undefined)
    return resources.accelerators === undefined
      ? { memoryGib: resources.memoryMegabytes / 1024, accelerators: 0, acceleratorMemoryGib: 0 }
      : undefined;
  if (kind !== "sagemaker-endpoint") return undefined;
  if (serverless !== undefined)
    return { memoryGib: serverless.memoryMegabytes / 1024, accelerators: 0, acceleratorMemoryGib: 0 };
  return instanceType === undefined ? undefined : types.get(instanceType);
}

/** The thresholds with the machine that their capacity is about, where it is known. */
export function withMachine(
  thresholds: GateThresholds | undefined,
  machine: Machine | undefined,
): GateThresholds | undefined {
  if (thresholds?.capacity === undefined || machine === undefined) return thresholds;
  return { ...thresholds, capacity: { ...thresholds.capacity, machine } };
}
