import { useRef } from "preact/hooks";
import { EvidencePage } from "../evidence/evidence-page.tsx";
import type { Route } from "../routes.ts";
import { ReviewPage, type ReviewPageProps } from "./review-page.tsx";
import { useReturn } from "./use-return.ts";

/**
 * A promotion's review and the evidence that it leads to. While a document is read the review stays behind it, so that
 * whoever comes back is where they were: at the same line, with what they had unfolded and were about to sign.
 */
export function PromotionPages(
  props: ReviewPageProps & { readonly route: Extract<Route, { readonly page: "promotion" | "evidence" }> },
) {
  const { route, session } = props;
  const away = route.page === "evidence";
  const reviewed = useRef(false);
  reviewed.current ||= !away;
  useReturn(away);
  return (
    <>
      {reviewed.current && (
        <div hidden={away}>
          <ReviewPage {...props} />
        </div>
      )}
      {away && <EvidencePage key={route.sha256} id={route.id} sha256={route.sha256} session={session} />}
    </>
  );
}
