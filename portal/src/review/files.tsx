import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import { Where } from "../evidence/where.tsx";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { sizeText } from "../ui/number.ts";
import { Section } from "../ui/section.tsx";
import { Table } from "../ui/table.tsx";
import { Digest, FileName } from "../ui/text.tsx";

/** Every artifact and evidence document with its digest. */
export function FilesSection({ summary }: { readonly summary: EvidenceSummary }) {
  const words = messages.files;
  return (
    <Section id="files" heading={words.heading}>
      <h3>{words.artifacts}</h3>
      <Table
        caption={words.artifacts}
        head={[words.name, words.kind, words.state, words.digest]}
        rows={summary.artifacts.map(({ role, name, size, sha256, matches }) => ({
          key: name,
          cells: [
            <FileName key="name" name={name} />,
            <span key="kind">
              {words.artifactRoles[role]} <span class="quiet">({sizeText(size)})</span>
            </span>,
            <Badge key="state" tone={matches ? "good" : "bad"} text={matches ? words.matches : words.differs} />,
            <Digest key="digest" value={sha256} />,
          ],
        }))}
      />
      <h3>{words.evidence}</h3>
      <Table
        caption={words.evidence}
        head={[words.name, words.kind, words.state, words.digest]}
        rows={summary.evidence.map(({ kind, name, format, sha256, readable }) => ({
          key: name,
          cells: [
            <Where key="name" where={name} />,
            <span key="kind">
              {words.evidenceKinds[kind]} <span class="quiet">({format})</span>
            </span>,
            <Badge key="state" tone={readable ? "good" : "bad"} text={readable ? words.matches : words.unreadable} />,
            <Digest key="digest" value={sha256} />,
          ],
        }))}
      />
    </Section>
  );
}
