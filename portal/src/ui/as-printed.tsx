import { instantFromMs } from "../../../core/encoding/instant.ts";
import { messages } from "../messages/catalogue.ts";
import { Time } from "./time.tsx";

/** On paper alone: which service showed it, and when, since what stands there changes. */
export function AsPrinted({ now }: { readonly now: number }) {
  return (
    <p class="printed quiet">
      {messages.printed(location.origin)} <Time at={instantFromMs(now)} />
    </p>
  );
}
