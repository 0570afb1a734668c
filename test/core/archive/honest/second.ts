import { python, verdictOn } from "../../../interop/second-verifier.ts";
import type { Other } from "./packs.ts";

/** What the verifier in Python says of a pack, where it is there. */
export const second: Other | undefined = python.there
  ? async (files) => {
      const { status, output } = await verdictOn(files);
      return status === 0 ? undefined : output.trim();
    }
  : undefined;
