import { useState } from "preact/hooks";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Apart } from "../ui/text.tsx";
import { TextArea } from "../ui/text-area.tsx";
import { type Decision, type Incomplete, incompleteness, longestReason } from "./compose-statement.ts";
import { conditionsFrom, kindsOffered, whyConditionsRefused } from "./conditions-draft.ts";
import { ConditionsFields } from "./conditions-fields.tsx";
import type { Draft } from "./draft.ts";
import { PlaceChoice } from "./place-choice.tsx";
import type { NamedRole, Place, Standing } from "./standing.ts";

/** What the reader decides, in which roles, and why. */
export function DecisionForm(props: {
  readonly promotion: ShownPromotion;
  readonly standing: Standing;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onComplete: (decision: Decision) => void;
}) {
  const { promotion, standing, draft, onChange } = props;
  const [missing, setMissing] = useState<Incomplete | "no-result">();
  /** Of conditions that would be refused. */
  const [why, setWhy] = useState<string>();
  const words = messages.decide;
  const choices = choicesOf(standing);
  const result = choices.find((choice) => choice === draft.result);
  const offered = result === undefined ? [] : rolesFor(result, standing);
  const places = placesFor(result, standing);
  // Who holds no role of the stage has only others' places to sign in.
  const place = places.find(({ id }) => id === draft.place) ?? (offered.length === 0 ? places[0] : undefined);
  const kinds = kindsOffered(promotion);

  const complete = (event: Event): void => {
    event.preventDefault();
    const chosen = offered.filter(({ name }) => !draft.withoutRoles.includes(name)).map(({ name }) => name);
    const asked = result === "approve" && kinds.length > 0 ? draft.conditions : undefined;
    const conditions = asked === undefined ? undefined : conditionsFrom(asked);
    const decision = result && {
      result,
      reason: draft.reason,
      roles: place !== undefined ? [place.role] : result === "withdraw" ? earlierRoles(standing) : chosen,
      ...(place === undefined ? {} : { onBehalfOf: { person: place.person, delegation: { sha256: place.id } } }),
      ...(conditions === undefined ? {} : { conditions }),
    };
    const unclear = asked !== undefined && conditions === undefined ? ("conditions-unclear" as const) : undefined;
    const refusal = conditions && whyConditionsRefused(conditions, promotion);
    const refused = refusal === undefined ? undefined : ("conditions-refused" as const);
    const lacks = decision === undefined ? "no-result" : (incompleteness(decision) ?? unclear ?? refused);
    setMissing(lacks);
    setWhy(refusal);
    if (decision !== undefined && lacks === undefined) props.onComplete(decision);
    else if (lacks === "no-result") document.getElementById(`result-${choices[0]}`)?.focus();
    else if (lacks === "conditions-unclear" || lacks === "conditions-refused")
      document.getElementById("condition-duration")?.focus();
    else if (lacks === "reason-missing" || lacks === "reason-too-long") document.getElementById("reason")?.focus();
  };

  return (
    <form onSubmit={complete} noValidate>
      <fieldset>
        <legend>{words.legend}</legend>
        {choices.map((choice) => (
          <label key={choice} class="choice">
            <input
              id={`result-${choice}`}
              type="radio"
              name="result"
              checked={result === choice}
              onChange={() => {
                setMissing(undefined);
                onChange({ ...draft, result: choice });
              }}
            />
            <Apart text={choiceText(choice, promotion, standing)} />
          </label>
        ))}
      </fieldset>
      {places.length > 0 && (
        <PlaceChoice
          places={places}
          chosen={place}
          forOneself={offered.length > 0}
          onChoose={(id) => onChange({ ...withoutPlace(draft), ...(id === undefined ? {} : { place: id }) })}
        />
      )}
      {result !== undefined && result !== "withdraw" && place === undefined && (
        <fieldset>
          <legend>{words.roles}</legend>
          {offered.map(({ name, title: role }) => (
            <label key={name} class="choice">
              <input
                type="checkbox"
                checked={!draft.withoutRoles.includes(name)}
                onChange={({ currentTarget }) =>
                  onChange({
                    ...draft,
                    withoutRoles: currentTarget.checked
                      ? draft.withoutRoles.filter((other) => other !== name)
                      : [...draft.withoutRoles, name],
                  })
                }
              />
              <Apart text={role} />
            </label>
          ))}
        </fieldset>
      )}
      {result === "approve" && kinds.length > 0 && (
        <ConditionsFields
          draft={draft.conditions}
          kinds={kinds}
          onChange={(conditions) => {
            setMissing(undefined);
            onChange({ ...withoutConditions(draft), ...(conditions === undefined ? {} : { conditions }) });
          }}
        />
      )}
      <TextArea
        id="reason"
        label={result === "reject" ? words.reasonRequired : words.reason}
        hint={result && words.reasonHint[result]}
        rows={5}
        longest={longestReason}
        required={result === "reject"}
        invalid={missing === "reason-missing" || missing === "reason-too-long"}
        describedBy={missing && "missing"}
        value={draft.reason}
        onValue={(reason) => {
          setMissing(undefined);
          onChange({ ...draft, reason });
        }}
      />
      {draft.reason.length > longestReason * 0.9 && (
        <p class="quiet hint">{words.left(longestReason - draft.reason.length)}</p>
      )}
      <div role="alert">
        {missing !== undefined && (
          <p id="missing" class="error">
            {missing === "no-result"
              ? words.noResult
              : missing === "conditions-refused"
                ? why
                : words.incomplete[missing]}
          </p>
        )}
      </div>
      <button type="submit" class="main">
        {words.next}
      </button>
    </form>
  );
}

function withoutPlace({ place: _, ...draft }: Draft): Draft {
  return draft;
}

function withoutConditions({ conditions: _, ...draft }: Draft): Draft {
  return draft;
}

function choicesOf({ noApproval, rejectAs, rejectPlaces, earlier }: Standing): readonly SignOffResult[] {
  const choices: SignOffResult[] = [];
  if (noApproval === undefined) choices.push("approve");
  if (rejectAs.length > 0 || rejectPlaces.length > 0) choices.push("reject");
  if (earlier !== undefined) choices.push("withdraw");
  return choices;
}

function rolesFor(result: SignOffResult, { approveAs, rejectAs }: Standing): readonly NamedRole[] {
  switch (result) {
    case "approve":
      return approveAs;
    case "reject":
      return rejectAs;
    case "withdraw":
      return [];
    default:
      return result satisfies never;
  }
}

function placesFor(result: SignOffResult | undefined, { places, rejectPlaces }: Standing): readonly Place[] {
  switch (result) {
    case "approve":
      return places;
    case "reject":
      return rejectPlaces;
    case "withdraw":
    case undefined:
      return [];
    default:
      return result satisfies never;
  }
}

/** A decision is taken back in the roles in which it was given. */
function earlierRoles({ earlier }: Standing): readonly string[] {
  return earlier?.roles ?? [];
}

function choiceText(result: SignOffResult, promotion: ShownPromotion, { earlier }: Standing): string {
  const words = messages.decide;
  switch (result) {
    case "approve": {
      const { model, target, manifest } = promotion;
      if (manifest.target.kind === "policy") return words.approvePolicies;
      return words[promotion.status === "loaned" ? "ratify" : "approve"](
        messages.review.title(model.name, model.version, target),
      );
    }
    case "reject":
      return words.reject;
    case "withdraw":
      return words.withdraw(earlier?.result ?? "approve");
    default:
      return result satisfies never;
  }
}
