import { messages } from "../messages/catalogue.ts";
import { saveText } from "../ui/save-file.ts";
import type { Receipt } from "./receipt.ts";

/** Offers whoever has just signed to keep what they were answered, and says what it is good for. */
export function SaveReceipt({ receipt: { name, text } }: { readonly receipt: Receipt }) {
  const words = messages.receipt;
  return (
    <>
      <p>{words.why}</p>
      <div class="buttons">
        <button type="button" onClick={() => saveText(name, text, "application/json")}>
          {words.save}
        </button>
      </div>
    </>
  );
}
