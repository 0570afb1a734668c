import * as v from "valibot";
import { errorFields, type Log } from "../../log.ts";

export interface SettleLostPorts {
  readonly log: Log;
  /** Events that were given up. */
  readonly lost: {
    /** A few messages that nobody else is given meanwhile; none once all were given out. */
    take(): Promise<readonly Lost[]>;
    remove(message: Lost): Promise<void>;
  };
  /** A processing job of SageMaker has ended, which may be one of Model Monitor's. */
  readonly monitored: (job: unknown) => Promise<void>;
}

interface Lost {
  readonly handle: string;
  readonly event: unknown;
}

/** Ten each: what is left waits for the next ring. */
const mostTakes = 10;

const heard = v.variant("detail-type", [
  v.object({ "detail-type": v.picklist(["Scheduled Event", "Countersign Fact Recorded"]) }),
  v.object({
    "detail-type": v.literal("SageMaker Processing Job State Change"),
    detail: v.object({ ProcessingJobName: v.string() }),
  }),
]);

/**
 * Takes up what was given up, after each run of the clock: that makes up for any before it and, where it has seen to every place, for
 * whatever asked to look at one; the end of a monitor's job, of which nobody else asks, is heard once more. What is none of these waits
 * for people.
 *
 * @returns how many of them failed again
 */
export function settleLost(ports: SettleLostPorts) {
  return async (allSeenTo: boolean): Promise<number> => {
    let failed = 0;
    for (let takes = 0; takes < mostTakes; takes += 1) {
      const taken = await ports.lost.take();
      if (taken.length === 0) break;
      for (const message of taken) if (!(await settled(message, allSeenTo))) failed += 1;
    }
    return failed;
  };

  async function settled(message: Lost, allSeenTo: boolean): Promise<boolean> {
    const read = v.safeParse(heard, message.event);
    if (!read.success) return true;
    const event = read.output;
    if (event["detail-type"] === "Countersign Fact Recorded" && !allSeenTo) return true;
    try {
      if (event["detail-type"] === "SageMaker Processing Job State Change")
        await ports.monitored(event.detail.ProcessingJobName);
      await ports.lost.remove(message);
      return true;
    } catch (error) {
      ports.log("error", "lost event not settled", { kind: event["detail-type"], ...errorFields(error) });
      return false;
    }
  }
}
