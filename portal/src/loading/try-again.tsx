import { messages } from "../messages/catalogue.ts";

/** The button that is beside everything that did not come. */
export function TryAgain({ onTry }: { readonly onTry: () => void }) {
  return (
    <p>
      <button type="button" onClick={onTry}>
        {messages.tryAgain}
      </button>
    </p>
  );
}
