import {
  CreateEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { Order } from "../../core/deployment/order.ts";
import type { Footing, ShadowStanding, ShadowTarget } from "../../core/deployment/shadow-target.ts";
import { requireInstances, requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { ShadowRun, VariantMeasures } from "../../core/promotion/shadow.ts";
import { whyNotConfigAsked } from "./as-asked.ts";
import { describeAsItIs, type EndpointState } from "./endpoint-state.ts";
import type { Hosting } from "./hosting.ts";
import { alteration } from "./progress.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";
import { beingChanged, serveConfig } from "./serve-config.ts";
import {
  answeringConfig,
  captureUri,
  shadowConfig,
  shadowConfigName,
  shadowedBy,
  shadowVariantName,
  whyNoShadow,
} from "./shadow-config.ts";
import { endShadow } from "./shadow-end.ts";
import { sharedBy } from "./share-config.ts";
import { requireStaged } from "./staged.ts";
import { isMadeSince } from "./staged-model.ts";

/** What a shadow run is measured and read by, outside of SageMaker's control API. */
export interface ShadowReadings {
  /** What CloudWatch has of one variant of an endpoint's configuration. */
  measures(of: {
    readonly endpoint: string;
    readonly variant: string;
    readonly configName: string;
    readonly from: string;
    readonly until: string;
  }): Promise<VariantMeasures>;
  /** The files below `s3://bucket/prefix`, in the order of their names. */
  files(s3Prefix: string): AsyncIterable<Uint8Array>;
}

/**
 * Shadow variants of an endpoint: its own configuration again, with the candidate beside it, under the promotion's name.
 */
export function sagemakerShadow(
  client: SageMakerClient,
  hosting: Hosting,
  readings: ShadowReadings,
): ShadowTarget & Required<Pick<ShadowTarget, "captured">> {
  const configOf = (name: string) =>
    unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })));

  return {
    async footing({ promotion, target }): Promise<Footing> {
      const { endpoint } = target;
      const machine = requireKind(target, "sagemaker-endpoint");
      const impossible = (why: string): Footing => ({
        kind: "impossible",
        why: `The candidate cannot run in shadow of the endpoint '${endpoint}': ${why}.`,
      });
      const { state } = await describeAsItIs(client, endpoint);
      switch (state.kind) {
        case "absent":
          return { kind: "nothing" };
        case "busy":
          return { kind: "later", why: `The endpoint '${endpoint}' is being changed at the moment.` };
        case "failed":
          return impossible(`it does not serve (${state.why})`);
        case "in-service":
          break;
        default:
          return state satisfies never;
      }
      if (sharedBy(state.configName) !== undefined)
        return {
          kind: "later",
          why: `Another candidate answers a part of the requests of the endpoint '${endpoint}'.`,
        };
      const other = shadowedBy(state.configName);
      if (other !== undefined && other !== promotion)
        return { kind: "later", why: `Another candidate runs in shadow of the endpoint '${endpoint}'.` };
      const config = await configOf(state.configName);
      if (config === undefined) return impossible("its configuration is gone");
      if (other === promotion) return { kind: "possible", beside: answeringConfig(config) ?? state.configName };
      const why = whyNoShadow(config, machine);
      return why === undefined ? { kind: "possible", beside: state.configName } : impossible(why);
    },

    async start(order, beside) {
      const { promotion, target } = order;
      const { endpoint } = target;
      const { state } = await describeAsItIs(client, endpoint);
      if (hasBegun(state, order)) return;
      if (state.kind !== "in-service" || state.configName !== beside) throw beingChanged(endpoint);
      await requireStaged(client, order, hosting);
      const wanted = await wantedConfig(order, beside);
      await createOnce(() => client.send(new CreateEndpointConfigCommand(wanted)));
      const why = whyNotConfigAsked(await configOf(shadowConfigName(promotion)), wanted);
      if (why !== undefined)
        throw new Failure(
          "deployment-refused",
          `The configuration under which the candidate is to run in shadow is another: ${why}; somebody changed or removed it.`,
        );
      await serveConfig(client, endpoint, shadowConfigName(promotion));
    },

    async check({ run, ...order }): Promise<ShadowStanding> {
      const { promotion, target } = order;
      const own = shadowConfigName(promotion);
      const { endpoint } = target;
      const { state, modified } = await describeAsItIs(client, endpoint);
      const lost = (why: string): ShadowStanding => ({ kind: "lost", why: `The endpoint '${endpoint}' ${why}` });
      switch (state.kind) {
        case "absent":
          return lost("is gone: somebody removed it.");
        case "failed":
          return lost(`failed: ${state.why}`);
        case "busy":
          return { kind: "under-way" };
        case "in-service":
          if (state.configName === own) {
            const other = await alterationIn(order, run);
            if (other !== undefined)
              return lost(`runs the candidate otherwise than asked: ${other}; somebody changed it.`);
            const why = await alteration(() => requireStaged(client, order, hosting));
            return why === undefined ? { kind: "running" } : { kind: "lost", why };
          }
          if (state.configName !== run.beside)
            return lost(`serves '${state.configName}', beside which the candidate did not run: somebody changed it.`);
          // What is said of an earlier update was said before.
          return state.why === undefined || modified === undefined || modified < run.askedAt
            ? { kind: "alone" }
            : { kind: "alone", failure: state.why };
        default:
          return state satisfies never;
      }
    },

    async measure({ promotion, target: { endpoint }, run }, now) {
      const configName = shadowConfigName(promotion);
      const config = run.beside === undefined ? undefined : await configOf(run.beside);
      const champion = config?.ProductionVariants?.[0]?.VariantName;
      if (champion === undefined)
        throw new Failure("deployment-refused", "The configuration beside which the candidate ran is gone.");
      const { since = run.askedAt, endedAt = now } = run;
      const of = (variant: string) => readings.measures({ endpoint, variant, configName, from: since, until: endedAt });
      return { champion: await of(champion), candidate: await of(shadowVariantName) };
    },

    async *captured({ promotion, target: { endpoint }, run }, of) {
      const { beside = "" } = run;
      const config = await configOf(beside);
      const variant = of === "candidate" ? shadowVariantName : (config?.ProductionVariants?.[0]?.VariantName ?? "");
      yield* readings.files(`${captureUri(hosting, promotion, beside)}/${endpoint}/${variant}/`);
    },

    end: (shadowing) => endShadow(client, shadowing),
  };

  /** What is not as it was asked of a run that goes on: what runs is what stood under these names as the endpoint read them. */
  async function alterationIn(order: Order, { beside, askedAt, since }: ShadowRun): Promise<string | undefined> {
    const before = beside === undefined ? undefined : await configOf(beside);
    const wanted = beside === undefined || before === undefined ? undefined : configBeside(order, before, beside);
    if (wanted === undefined) return "the configuration beside which it runs is gone";
    const found = await configOf(shadowConfigName(order.promotion));
    const why = whyNotConfigAsked(found, wanted);
    if (why !== undefined) return why;
    if (isMadeSince(before?.CreationTime, askedAt)) return "the configuration beside which it runs was made anew";
    return isMadeSince(found?.CreationTime, since) ? "its configuration was made anew after it had begun" : undefined;
  }

  async function wantedConfig(of: Candidate, beside: string) {
    const before = await configOf(beside);
    const wanted = before === undefined ? undefined : configBeside(of, before, beside);
    if (wanted === undefined)
      throw new Failure("deployment-refused", `The configuration '${beside}', which answers at the moment, is gone.`);
    return wanted;
  }

  function configBeside(
    { promotion, target }: Candidate,
    { ProductionVariants: [variant] = [] }: DescribeEndpointConfigOutput,
    beside: string,
  ) {
    if (variant === undefined) return undefined;
    return shadowConfig(promotion, requireInstances(requireKind(target, "sagemaker-endpoint")), {
      variant,
      captures: captureUri(hosting, promotion, beside),
    });
  }
}

type Candidate = Pick<Order, "promotion" | "target">;

function hasBegun(state: EndpointState, { promotion }: Order): boolean {
  const own = shadowConfigName(promotion);
  return (
    (state.kind === "in-service" && state.configName === own) || (state.kind === "busy" && state.changingTo === own)
  );
}
