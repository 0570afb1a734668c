import { useEffect, useState } from "preact/hooks";

/** What the fragment of the address stands for, now and whenever it changes. */
export function useRoute<Route>(read: (hash: string) => Route): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return read(hash);
}
