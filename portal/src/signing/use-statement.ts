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
  /** `anew`: writes it again, for another time; `undefined` where it cannot be any more. */
  readonly show: (statement: Shown, anew: () => Shown | undefined) => void;
  /** Back to the form, saying why where nobody asked for that. */
  readonly back: (why?: string) => void;
  readonly sign: () => Promise<void>;
}

/** Shows a statement until it is signed. One that became too old meanwhile is written anew and shown once more. */
export function useStatement<Shown extends Signable>(
  now: () => Instant,
  onSign: (statement: Shown) => Promise<void>,
): ShownStatement<Shown> {
  const [shown, setShown] = useState<{ readonly statement: Shown; readonly anew: () => Shown | undefined }>();
  const [remark, setRemark] = useState<string>();
  const put = (statement: Shown | undefined, anew: () => Shown | undefined, why?: string): void => {
    setShown(statement && { statement, anew });
    setRemark(why);
  };
  return {
    ...(shown === undefined ? {} : { statement: shown.statement }),
    ...(remark === undefined ? {} : { remark }),
    show: put,
    back: (why) => put(undefined, () => undefined, why),
    sign: async () => {
      if (shown === undefined) return;
      if (isFresh(shown.statement, now())) await onSign(shown.statement);
      else put(shown.anew(), shown.anew, messages.sign.again);
    },
  };
}
