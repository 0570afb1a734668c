import { Failure } from "../../../core/failure.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import { assumedDecisions } from "../../../core/policy/assumed-decisions.ts";
import { describePolicy } from "../../../core/policy/describe-policy.ts";
import { type Policies, refusedIfNew } from "../../../core/policy/load-policies.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { simulate } from "../../../core/policy/simulate.ts";
import type { SimulatedPolicy, Simulation } from "../../../core/policy/simulation.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { type Answer, type ApiRequest, jsonBody } from "../http.ts";
import { type ReaderPorts, readerOf } from "../readers.ts";
import { readSimulationRequest } from "./request.ts";

/** Lambda takes 6 MB of an event at most, and base64 is a third longer than what it says. */
const largestBody = 4 * 1024 * 1024;

export interface SimulatePolicyPorts extends Pick<ReaderPorts, "now" | "verifyPerson" | "groups"> {
  readonly policy: SimulatedPolicy & Pick<Policies, "digest" | "bundle">;
  /** What was written down about the version in force. */
  readonly inForce: () => Promise<PolicyInForce | undefined>;
  readonly evaluate: EvaluatePolicy;
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
}

/**
 * GET /v1/policy: the policies in force, in sentences. POST /v1/policy/simulations: what would become of a request under
 * them. Reads the directory and nothing else, and writes nothing.
 */
export function simulatePolicy(ports: SimulatePolicyPorts) {
  let refused: readonly string[] | undefined;
  return async (http: ApiRequest): Promise<Answer> => {
    await readerOf(http, { ...ports, claimsMachine: () => false, verifyMachine: noMachine });
    switch (`${http.method} ${http.route}`) {
      case "GET /v1/policy":
        return { status: 200, json: { ...describePolicy(ports.policy), version: await version() } };
      case "POST /v1/policy/simulations":
        return { status: 200, json: await simulation(http) };
      default:
        throw new Failure("not-found", "There is nothing at this address.");
    }
  };

  async function version() {
    const { digest, bundle } = ports.policy;
    refused ??= refusedIfNew(bundle);
    const outdated = refused.length === 0 ? {} : { refusedIfNew: refused };
    const inForce = await ports.inForce();
    if (inForce?.digest !== digest) return { sha256: digest, ...outdated };
    const { digest: sha256, documents: _, ...told } = inForce;
    return { sha256, ...told, ...outdated };
  }

  async function simulation(http: ApiRequest): Promise<Simulation> {
    const { sketch, decisions, release, startedBy, at, evidence } = readSimulationRequest(jsonBody(http, largestBody));
    const { policy, evaluate, groups } = ports;
    const members = await ports.directory.everybody(groups);
    const now = at ?? ports.now();
    return simulate({
      policy,
      evaluate,
      sketch,
      ...(startedBy === undefined ? {} : { startedBy: { address: startedBy } }),
      release,
      evidence,
      members,
      decisions: assumedDecisions(decisions, policy.matrix.roles, members, now),
      now,
    });
  }
}

async function noMachine(): Promise<never> {
  throw new Failure("token-invalid", "This is for people; a pipeline runs 'countersign policy simulate'.");
}
