import { messages } from "../messages/catalogue.ts";
import { Foreign } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import type { NoApproval, Standing } from "./standing.ts";

/** Why the reader cannot approve, if they cannot, and what they decided before. */
export function StandingNotice({ standing }: { readonly standing: Standing }) {
  const words = messages.decide;
  const { noApproval, earlier, rejectAs, rejectPlaces } = standing;
  const mayReject = rejectAs.length > 0 || rejectPlaces.length > 0;
  if (!mayReject && earlier === undefined && noApproval?.why === "no-role") return <p>{words.nothing}</p>;
  return (
    <>
      {earlier !== undefined && <p>{words.earlier(earlier.result)}</p>}
      {noApproval !== undefined && (
        <div class="notice warn">
          <Why no={noApproval} />
          {mayReject && <p>{words.mayReject}</p>}
        </div>
      )}
    </>
  );
}

function Why({ no }: { readonly no: NoApproval }) {
  const words = messages.decide;
  switch (no.why) {
    case "no-role":
      return (
        <p>
          <Foreign
            text={words.noRole(
              no.asked.map(({ title }) => title),
              no.later,
            )}
          />
        </p>
      );
    case "barred":
      return (
        <p>
          <Foreign text={words.barred(no.hand)} />{" "}
          {no.others.length > 0 && <Foreign text={words.others(no.others.map(({ name }) => name))} />}
        </p>
      );
    case "has-seat":
      return (
        <p>
          <Foreign text={words.hasSeat(no.stage)} />
        </p>
      );
    case "approved":
      return <p>{words.approved}</p>;
    case "too-early":
      return (
        <p>
          {words.tooEarly} <Time at={no.from} />
        </p>
      );
    case "frozen":
      return (
        <p>
          <Foreign text={words.frozen(no.window)} /> <Time at={no.until} />
          {no.over && `. ${words.frozenBeyond}`}
        </p>
      );
    default:
      return no satisfies never;
  }
}
