import type { DelegationDocument } from "../../../core/attestation/delegation-statement.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { DelegationView } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Badge } from "../ui/badge.tsx";
import { Table } from "../ui/table.tsx";
import { Foreign } from "../ui/text.tsx";
import { Through, Time } from "../ui/time.tsx";
import { stateOf, stillHolds } from "./delegation-state.ts";

interface ListProps {
  readonly caption: string;
  readonly delegations: readonly DelegationView[];
  /** The other of the two. */
  readonly other: "delegatorName" | "delegateName";
  readonly now: Instant;
  readonly onRevoke: (view: DelegationView) => void;
}

/** Delegations; those that are over are folded away. */
export function DelegationList({ delegations, ...props }: ListProps) {
  const holding = delegations.filter((view) => stillHolds(stateOf(view, props.now)));
  const past = delegations.filter((view) => !holding.includes(view));
  return (
    <>
      {holding.length > 0 && <List delegations={holding} {...props} />}
      {past.length > 0 && (
        <details>
          <summary>{messages.absence.past(past.length)}</summary>
          <List delegations={past} {...props} />
        </details>
      )}
    </>
  );
}

function List({ caption, delegations, other, now, onRevoke }: ListProps) {
  const words = messages.absence;
  return (
    <Table
      caption={caption}
      head={[words.person, words.role, words.scope, words.time, words.state, words.deeds]}
      rows={delegations.map((view) => {
        const { delegation } = view;
        const state = stateOf(view, now);
        return {
          key: view.id,
          cells: [
            <Foreign key="person" text={view[other]} />,
            <Foreign key="role" text={view.title} />,
            <Foreign key="scope" text={scopeText(delegation.scope)} />,
            <span key="time">
              <Time at={delegation.from} /> <Through at={delegation.until} />
            </span>,
            <Badge key="state" tone={state === "in-force" ? "good" : "plain"} text={words.states[state]} />,
            <div key="deeds" class="buttons">
              {stillHolds(state) && (
                <button type="button" onClick={() => onRevoke(view)}>
                  {words.revoke}
                </button>
              )}
            </div>,
          ],
        };
      })}
    />
  );
}

/** What a delegation is for, in words. */
export function scopeText({ model, modelType, target }: DelegationDocument["scope"]): string {
  const words = messages.absence;
  const parts = [
    ...(model === undefined ? [] : [words.model(model)]),
    ...(modelType === undefined ? [] : [words.modelType(modelType)]),
    ...(target === undefined ? [] : [words.target(target)]),
  ];
  return parts.length === 0 ? words.anything : parts.join(", ");
}
