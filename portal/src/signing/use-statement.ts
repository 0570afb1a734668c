import { useState } from "preact/hooks";
import type { Instant } from "../../../core/encoding/instant.ts";
import { messages } from "../messages/catalogue.ts";
import { isFresh, type Signable } from "./signable.ts";

/** What somebody is about to sign. */
export interface ShownStatement<Shown extends Signable> {
  /** Absent until something is shown. */
  readonly statement?: Shown;
  /** What happened to it, where something did. */
  readonly remark?: string;
  /** Shows what `write` makes of the form, or answers what is wrong with that; called again for another time. */
  readonly show: <Flaw extends string = never>(
    write: (at: { readonly now: Instant; readonly random: Uint8Array }) => Shown | Flaw,
  ) => Flaw | undefined;
  /** Back to the form, saying why where nobody asked for that. */
  readonly back: (why?: string) => void;
  readonly sign: () => Promise<void>;
}

/** Shows a statement until it is signed. One that became too old meanwhile is written anew and shown once more. */
export function useStatement<Shown extends Signable>(
  now: () => Instant,
  onSign: (statement: Shown) => Promise<void>,
): ShownStatement<Shown> {
  const [shown, setShown] = useState<{ readonly statement: Shown; readonly again: () => void }>();
  const [remark, setRemark] = useState<string>();
  const show = <Flaw extends string>(
    write: (at: { readonly now: Instant; readonly random: Uint8Array }) => Shown | Flaw,
    why?: string,
  ): Flaw | undefined => {
    const written = write({ now: now(), random: crypto.getRandomValues(new Uint8Array(16)) });
    setRemark(why);
    if (typeof written === "string") {
      setShown(undefined);
      return written;
    }
    setShown({ statement: written, again: () => show(write, messages.sign.again) });
    return undefined;
  };
  return {
    ...(shown === undefined ? {} : { statement: shown.statement }),
    ...(remark === undefined ? {} : { remark }),
    show: (write) => show(write),
    back: (why) => {
      setShown(undefined);
      setRemark(why);
    },
    sign: async () => {
      if (shown === undefined) return;
      if (isFresh(shown.statement, now())) await onSign(shown.statement);
      else shown.again();
    },
  };
}
