import { nameOf } from "../../../core/approval/names-of-people.ts";
import type { EvidenceSummary, People } from "../../../core/gates/evidence-summary.ts";
import { type Author, identityKey } from "../../../core/promotion/identity.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Foreign } from "../ui/text.tsx";

/** Who made the candidate, and who therefore cannot approve it. */
export function LineageSection(props: {
  readonly summary: EvidenceSummary;
  readonly barred: ShownPromotion["barred"];
  readonly names: ShownPromotion["authorNames"];
}) {
  const words = messages.lineage;
  const { lineage } = props.summary;
  const { barred } = props;
  // Whoever asks for policies made them; a model is trained by somebody, if only by somebody unnamed.
  const hands: readonly (readonly [string, People])[] =
    props.summary.target.kind === "policy"
      ? []
      : [
          [words.trainedBy, lineage.trainedBy],
          [words.codeAuthors, lineage.codeAuthors],
          [words.dataOwners, lineage.dataOwners],
          [words.infrastructureAuthors, lineage.infrastructureAuthors],
        ];
  return (
    <Section id="lineage" heading={words.heading}>
      {hands.length > 0 && (
        <dl>
          {hands.flatMap(([title, people]) => [
            <dt key={title}>{title}</dt>,
            <dd key={`${title} who`}>
              <Foreign text={peopleText(people, props.names)} />
            </dd>,
          ])}
          {lineage.source !== undefined && (
            <>
              <dt>{words.source}</dt>
              <dd>
                <Foreign text={words.commit(lineage.source.repository, lineage.source.commit)} />
              </dd>
            </>
          )}
        </dl>
      )}
      <h3>{words.excluded}</h3>
      {barred.length === 0 ? (
        <p>{words.nobodyExcluded}</p>
      ) : (
        <ul>
          {barred.map(({ identity, name, hand }) => (
            <li key={identityKey(identity)}>
              <Foreign text={words.barred(name, hand)} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function peopleText({ people, more }: People, known: ShownPromotion["authorNames"]): string {
  const words = messages.lineage;
  const names = [...people.map((author) => authorText(author, known)), ...(more > 0 ? [words.more(more)] : [])];
  return names.length === 0 ? words.nobody : names.join(", ");
}

/** As the pipeline knows them, behind the name by which the organisation does. */
function authorText(author: Author, known: ShownPromotion["authorNames"]): string {
  const name = known.find((each) => nameOf(each.author) === nameOf(author))?.name;
  return name === undefined ? givenText(author) : `${name} (${givenText(author)})`;
}

function givenText(author: Author): string {
  if ("address" in author) return author.address;
  if ("account" in author) return messages.lineage.account(author.account.provider, author.account.id);
  return author.identity.subject;
}
