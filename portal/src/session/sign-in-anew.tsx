import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import type { Problem } from "../api/client.ts";
import { messages } from "../messages/catalogue.ts";

/** Signs the reader out here and at the identity provider, and keeps what they typed. */
export const SignOutContext = createContext<() => Promise<void>>(async () => undefined);

/**
 * How to go on where a signature was refused because its sign-in was an older one: a provider that lets somebody in by the
 * session that it has does so again, however often they try, until they sign out there. Nothing for any other problem.
 */
export function SignInAnew({ problem }: { readonly problem: Problem }) {
  const signOut = useContext(SignOutContext);
  const [leaving, setLeaving] = useState(false);
  if (problem.code !== "not-fresh") return null;
  const leave = async (): Promise<void> => {
    setLeaving(true);
    await signOut();
  };
  return (
    <>
      <p>{messages.signIn.anew.text}</p>
      <button type="button" aria-disabled={leaving} onClick={() => void (leaving || leave())}>
        {messages.signIn.anew.button}
      </button>
    </>
  );
}
