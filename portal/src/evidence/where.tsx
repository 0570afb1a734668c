import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ShownPromotion } from "../api/contract.ts";
import { evidenceHash } from "../routes.ts";
import { FileName } from "../ui/text.tsx";

/** Where the candidate's evidence documents are shown, by their names. */
export interface EvidenceLinks {
  readonly addresses: ReadonlyMap<string, string>;
}

export const EvidenceContext = createContext<EvidenceLinks>({ addresses: new Map() });

/** The addresses of a promotion's evidence; none before it was frozen and judged. */
export function evidenceLinksOf({ id, manifest, shadowReport, gates }: ShownPromotion): EvidenceLinks {
  const evidence =
    gates === undefined ? [] : [...manifest.evidence, ...(shadowReport === undefined ? [] : [shadowReport])];
  return { addresses: new Map(evidence.map(({ name, sha256 }) => [name, evidenceHash(id, sha256)])) };
}

/** Where in a document something stands, `<document>#<JSON pointer>`: leads to the document where there is one. */
export function Where({ where }: { readonly where: string }) {
  const { addresses } = useContext(EvidenceContext);
  const address = addresses.get(documentOf(where));
  return (
    <span class="quiet where">
      {address === undefined ? (
        <FileName name={where} />
      ) : (
        <a href={address}>
          <FileName name={where} />
        </a>
      )}
    </span>
  );
}

/** The document that a place is in. */
export function documentOf(where: string): string {
  return where.split("#", 1)[0] ?? where;
}
