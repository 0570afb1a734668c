import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { compiledPolicy } from "../../adapters/opa/evaluate.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { readEarlierReleases } from "../../core/gates/earlier-releases.ts";
import { requireJson } from "../../core/gates/strict-json.ts";
import { type AssumedDecision, assumedDecisions } from "../../core/policy/assumed-decisions.ts";
import { simulate } from "../../core/policy/simulate.ts";
import type { Simulation } from "../../core/policy/simulation.ts";
import { standIns } from "../../core/policy/stand-ins.ts";
import { parseRequestSketch, type RequestSketch } from "../../core/promotion/request-sketch.ts";
import { fileIn } from "../candidate-files.ts";
import { fileBytes } from "../file-failure.ts";
import { directoryIn, instantOption, policyFolder } from "./policy-sources.ts";

export interface SimulateOptions {
  readonly policies: string;
  readonly directory?: string;
  readonly files?: string;
  readonly signedBy?: readonly string[];
  readonly rejectedBy?: readonly string[];
  readonly firstRelease: boolean;
  readonly earlierReleases?: string;
  readonly startedBy?: string;
  readonly at?: string;
}

/** Simulates a request with the files that lie on this machine. */
export async function simulateFiles(path: string, options: SimulateOptions, clock: Instant): Promise<Simulation> {
  const policy = policyFolder(options.policies);
  const directory = await directoryIn(options.directory);
  const members = directory ?? standIns(policy.matrix);
  const now = options.at === undefined ? clock : instantOption(options.at);
  const request = requireJson(path, await fileBytes(path));
  const { sketch, evidence } = await withFiles(request, options.files ?? dirname(path), options.files !== undefined);
  const assumed = [
    ...(options.signedBy ?? []).map((text) => assumedOf(text, "approve")),
    ...(options.rejectedBy ?? []).map((text) => assumedOf(text, "reject")),
  ];
  return simulate({
    policy,
    evaluate: compiledPolicy(policy.wasm).evaluate,
    sketch,
    ...(options.startedBy === undefined ? {} : { startedBy: { address: options.startedBy } }),
    release: options.firstRelease ? "first" : "update",
    ...(options.earlierReleases === undefined
      ? {}
      : { releases: readEarlierReleases(await fileBytes(options.earlierReleases)) }),
    evidence,
    members,
    standIns: directory === undefined,
    decisions: assumedDecisions(assumed, policy.matrix.roles, members, now),
    now,
  });
}

/** The request with the sizes of the artifacts that lie here, and the evidence that does. */
async function withFiles(
  request: unknown,
  folder: string,
  must: boolean,
): Promise<{ readonly sketch: RequestSketch; readonly evidence: ReadonlyMap<string, Uint8Array> }> {
  const sketch = parseRequestSketch(request);
  const locate = async ({
    name,
    path = name,
  }: {
    readonly name: string;
    readonly path?: string;
  }): Promise<string | undefined> => {
    try {
      return await fileIn(folder, path, name);
    } catch (error) {
      // Where nobody named a folder, what does not lie beside the request is simply not at hand.
      if (error instanceof Failure && !must) return undefined;
      throw error;
    }
  };
  const evidence = new Map<string, Uint8Array>();
  for (const document of sketch.evidence) {
    const { name, sha256 } = document;
    const location = await locate(document);
    const bytes = location === undefined ? undefined : new Uint8Array(await fileBytes(location));
    if (bytes === undefined) continue;
    if (sha256 !== undefined && sha256Hex(bytes) !== sha256)
      throw new Failure("digest-mismatch", `The file '${name}' is not the one that the request declares.`);
    evidence.set(name, bytes);
  }
  const artifacts = await Promise.all(
    sketch.artifacts.map(async (artifact) => {
      const location = artifact.size === undefined ? await locate(artifact) : undefined;
      return location === undefined ? artifact : { ...artifact, size: (await stat(location)).size };
    }),
  );
  return { sketch: { ...sketch, artifacts }, evidence };
}

/** `ada@example.org` or `ada@example.org=sre,compliance-officer`. */
function assumedOf(text: string, result: AssumedDecision["result"]): AssumedDecision {
  const [person = "", roles, ...more] = text.split("=");
  if (person.trim() === "" || more.length > 0)
    throw new Failure("invalid-request", `'${text}' does not say who signs: give a person, or PERSON=ROLE,ROLE.`);
  return { person, ...(roles === undefined ? {} : { roles: roles.split(",").map((role) => role.trim()) }), result };
}
