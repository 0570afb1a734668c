import { useState } from "preact/hooks";
import { messages } from "../messages/catalogue.ts";

/** Hands in once more, as it is, what was signed and of which nobody knows whether it is recorded. */
export function SendAgain({ onSend }: { readonly onSend: () => Promise<void> }) {
  const words = messages.sign.sendAgain;
  const [sending, setSending] = useState(false);
  const send = async (): Promise<void> => {
    setSending(true);
    await onSend();
    setSending(false);
  };
  return (
    <>
      <p>{words.text}</p>
      <button type="button" aria-disabled={sending} onClick={() => void (sending || send())}>
        {sending ? words.sending : words.button}
      </button>
    </>
  );
}
