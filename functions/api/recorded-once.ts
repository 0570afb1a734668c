import { Failure } from "../../core/failure.ts";

/** Something that a person signed, and how it is recorded. */
export interface SignedOnce<Recorded> {
  /** What is recorded of this very statement. */
  readonly sentBefore: () => Promise<Recorded | undefined>;
  /** Asks whether it is allowed, and signs it. */
  readonly make: () => Promise<Recorded>;
  readonly record: (made: Recorded) => Promise<"recorded" | "exists">;
  /** Why it is not recorded, where something else has its place. */
  readonly otherwise: string;
}

/**
 * Records what was signed, once. The same statement again is answered with what is recorded, whatever has become of it since;
 * sent twice at once, as where the first answer was long in coming, as well. Throws `conflict` where something else was quicker.
 */
export async function recordedOnce<Recorded>({
  sentBefore,
  make,
  record,
  otherwise,
}: SignedOnce<Recorded>): Promise<{ readonly status: 200 | 201; readonly recorded: Recorded }> {
  const before = await sentBefore();
  if (before !== undefined) return { status: 200, recorded: before };
  const made = await make();
  if ((await record(made)) === "recorded") return { status: 201, recorded: made };
  const quicker = await sentBefore();
  if (quicker === undefined) throw new Failure("conflict", otherwise);
  return { status: 200, recorded: quicker };
}
