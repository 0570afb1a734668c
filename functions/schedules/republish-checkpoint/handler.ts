import type { Log } from "../../log.ts";

export interface RepublishPorts {
  readonly log: Log;
  /** Signs the latest tree as of now, unless that was done a short while ago. */
  readonly republish: () => Promise<{ readonly size: number; readonly signedAgain: boolean }>;
}

/**
 * Keeps the checkpoint young while nothing happens: a reader who asks for a young one notices a tail that is kept
 * back. Finishes as well what a run of the archive left when it died.
 */
export function republishCheckpoint({ log, republish }: RepublishPorts) {
  return async (): Promise<void> => {
    const { size, signedAgain } = await republish();
    if (signedAgain) log("info", "checkpoint signed again", { size });
  };
}
