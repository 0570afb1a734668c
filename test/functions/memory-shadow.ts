import type { Order } from "../../core/deployment/order.ts";
import type { Footing, ShadowStanding, ShadowTarget } from "../../core/deployment/shadow-target.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import type { VariantMeasures } from "../../core/promotion/shadow.ts";

/** A score of what answers, and of the candidate, for one request. */
export type Answered = readonly [number, number];

/** A target in memory that lets candidates run in shadow, and does at once what it is asked for. Tests set what it says. */
export class MemoryShadow implements ShadowTarget {
  possible: Footing = { kind: "possible", beside: "p-before" };
  standing: ShadowStanding = { kind: "alone" };
  /** What both answered; requests that SageMaker has not captured yet are counted all the same. */
  answered: readonly Answered[] = [];
  notCaptured = 0;
  errors5xx = 0;
  /** How often `end` has to look. */
  looks = 0;
  readonly started: Order[] = [];
  ended = 0;

  readonly footing = async (): Promise<Footing> => this.possible;

  readonly start = async (order: Order): Promise<void> => {
    if (this.standing.kind === "running") return;
    this.started.push(order);
    this.standing = { kind: "running" };
  };

  readonly check = async (): Promise<ShadowStanding> => this.standing;

  readonly measure = async () => {
    const invocations = this.answered.length + this.notCaptured + this.errors5xx;
    const measures = (errors5xx: number): VariantMeasures => ({
      invocations,
      errors4xx: 0,
      errors5xx,
      ...(invocations === 0 ? {} : { latencyP50Milliseconds: 4, latencyP95Milliseconds: 20 }),
    });
    return { champion: measures(0), candidate: measures(this.errors5xx) };
  };

  readonly captured = async function* (
    this: MemoryShadow,
    _: unknown,
    of: "champion" | "candidate",
  ): AsyncGenerator<Uint8Array> {
    const lines = this.answered.map((scores, index) =>
      JSON.stringify({
        captureData: {
          endpointInput: { data: `row ${index}`, encoding: "CSV" },
          endpointOutput: { data: String(scores[of === "champion" ? 0 : 1]), encoding: "CSV" },
        },
        eventMetadata: { inferenceTime: "2026-11-26T10:00:00Z" },
      }),
    );
    yield utf8(lines.join("\n"));
  }.bind(this);

  readonly end = async (): Promise<"gone" | "going"> => {
    if (this.looks > 0) {
      this.looks -= 1;
      return "going";
    }
    this.ended += 1;
    this.standing = { kind: "alone" };
    return "gone";
  };
}
