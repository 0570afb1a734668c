import { Foreign } from "../ui/text.tsx";

/** Where an incident is written down. The service takes https addresses only; anything else is no link here either. */
export function Incident({ address }: { readonly address: string }) {
  if (!address.startsWith("https://")) return <Foreign text={address} />;
  return (
    <a href={address} rel="noreferrer" target="_blank">
      <Foreign text={address} />
    </a>
  );
}
