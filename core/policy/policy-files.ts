import { loadMachines, type Machine } from "../approval/loading/load-machines.ts";
import { loadMatrix } from "../approval/loading/load-matrix.ts";
import { loadPeople } from "../approval/loading/load-people.ts";
import { loadTargets, type Targets } from "../approval/loading/load-targets.ts";
import type { Matrix } from "../approval/matrix.ts";
import type { Person } from "../approval/people.ts";
import { type Loaded, pathText } from "../encoding/policy-file.ts";
import { readStrictYaml, type YamlPath } from "../encoding/strict-yaml.ts";
import { type InstanceTypes, loadInstanceTypes } from "../gates/load-instance-types.ts";
import { loadThresholds } from "../gates/load-thresholds.ts";
import type { Thresholds } from "../gates/thresholds.ts";
import type { ChannelKind } from "../notification/channel.ts";
import { loadChannels } from "../notification/load-channels.ts";
import { loadMessages } from "../notification/load-messages.ts";

/** The files of the folder policies/ that people write, with what reads each. */
const readers = {
  "matrix.yaml": loadMatrix,
  "thresholds.yaml": loadThresholds,
  "targets.yaml": loadTargets,
  "machines.yaml": loadMachines,
  "people.yaml": loadPeople,
  "instance-types.yaml": loadInstanceTypes,
} as const;

/** Who is told what, and in which words: no part of how anybody is judged. */
const tellingNames = ["channels.yaml", "messages.yaml"] as const;

export type PolicyFileName = keyof typeof readers | (typeof tellingNames)[number];
export const policyFileNames: readonly PolicyFileName[] = [
  ...(Object.keys(readers) as (keyof typeof readers)[]),
  ...tellingNames,
];

/** The files' text; one that is not there is left out. */
export type PolicyTexts = Readonly<Partial<Record<PolicyFileName, string>>>;

/** `error`: promotions would be judged wrongly or not at all. `warning`: somebody should look at it. */
export interface PolicyFinding {
  readonly severity: "error" | "warning";
  readonly file: PolicyFileName;
  readonly line: number;
  /** Such as `rules[0].stages[1]`. */
  readonly path: string;
  readonly sentence: string;
}

/** The files that could be read. */
export interface ReadPolicies {
  readonly matrix?: Matrix;
  readonly thresholds?: Thresholds;
  readonly targets?: Targets;
  readonly machines?: readonly Machine[];
  readonly people?: readonly Person[];
  readonly instanceTypes?: InstanceTypes;
}

/** Notes something about a place in a file. */
export type Note = (
  severity: PolicyFinding["severity"],
  file: PolicyFileName,
  path: YamlPath,
  sentence: string,
) => void;

const notThere =
  "The file is not there. A folder of policies has all of its files: begin with those that Countersign ships.";

/** Reads each file, and finds everything that is wrong with any of them by itself. `kinds`: of channels, that there are. */
export function readPolicyTexts(
  texts: PolicyTexts,
  kinds: readonly ChannelKind[],
): {
  readonly read: ReadPolicies;
  readonly findings: readonly PolicyFinding[];
} {
  const findings: PolicyFinding[] = [];
  const readOne = <Value>(file: PolicyFileName, load: (text: string) => Loaded<Value>): Value | undefined => {
    const text = texts[file];
    if (text === undefined) {
      findings.push({ severity: "error", file, line: 1, path: "", sentence: notThere });
      return undefined;
    }
    const loaded = load(text);
    if (loaded.kind === "loaded") return loaded.value;
    findings.push(...loaded.problems.map((problem) => ({ severity: "error" as const, file, ...problem })));
    return undefined;
  };
  const read = {
    matrix: readOne("matrix.yaml", readers["matrix.yaml"]),
    thresholds: readOne("thresholds.yaml", readers["thresholds.yaml"]),
    targets: readOne("targets.yaml", readers["targets.yaml"]),
    machines: readOne("machines.yaml", readers["machines.yaml"]),
    people: readOne("people.yaml", readers["people.yaml"]),
    instanceTypes: readOne("instance-types.yaml", readers["instance-types.yaml"]),
  };
  const { matrix } = read;
  readOne("channels.yaml", (text) => loadChannels(text, kinds, Object.keys(matrix?.roles ?? {})));
  readOne("messages.yaml", loadMessages);
  return { read: withoutUndefined(read), findings };
}

/** Notes findings with the line that a place has in its file. */
export function noter(texts: PolicyTexts, findings: PolicyFinding[]): Note {
  const files = new Map(policyFileNames.map((name) => [name, readStrictYaml(texts[name] ?? "")]));
  return (severity, file, path, sentence) => {
    const yaml = files.get(file);
    const line = yaml?.kind === "read" ? yaml.lineOf(path) : 1;
    findings.push({ severity, file, line, path: pathText(path), sentence });
  };
}

function withoutUndefined<Value extends object>(value: Value): { [Name in keyof Value]?: NonNullable<Value[Name]> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [Name in keyof Value]?: NonNullable<Value[Name]>;
  };
}
