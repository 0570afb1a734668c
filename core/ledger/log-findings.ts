/** What can be wrong with a log. The codes are stable; the sentence may change. */
export type LogFindingCode =
  // The head
  | "checkpoint-missing"
  | "checkpoint-rejected"
  | "root-mismatch"
  | "kept-checkpoint-rejected"
  | "kept-checkpoint-mismatch"
  // What it stands for
  | "entries-missing"
  | "entries-malformed"
  | "entry-mismatch"
  | "tile-missing"
  | "tile-mismatch"
  | "partial-mismatch"
  // What should not be there
  | "beyond-checkpoint"
  | "unknown-object"
  // Where an earlier checkpoint is taken as proven
  | "earlier-mismatch";

/** One thing that is wrong with a log. */
export interface LogFinding {
  readonly code: LogFindingCode;
  readonly path: string;
  /** The entry concerned, where it is one. */
  readonly index?: number;
  readonly sentence: string;
}
