import { queueSentence } from "../../../core/deployment/queue-sentence.ts";
import { accountNumber } from "../../../core/promotion/account-number.ts";
import type { ShownPromotion } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { Section } from "../ui/section.tsx";
import { Digest, Foreign } from "../ui/text.tsx";

function runsOn(target: ShownPromotion["manifest"]["target"]): string {
  const words = messages.change;
  switch (target.kind) {
    case "sagemaker-endpoint":
      return target.serverless === undefined
        ? words.instances(target.instanceCount, target.instanceType)
        : words.serverless(target.serverless.memoryMegabytes, target.serverless.maxConcurrency);
    case "sagemaker-inference-component":
      return words.component(target);
    case "kubernetes":
      return target.application === undefined
        ? words.cluster(target.cluster, target.namespace)
        : words.delivered(target.cluster, target.namespace, target.application.name);
    case "policy":
      return words.nowhere;
    case "pipeline":
      return words.pipeline(target.endpoint);
    case "webhook":
      return words.webhook(target.endpoint);
    default:
      return target satisfies never;
  }
}

/** A pipeline by its name in machines.yaml; a person, who asks for other policies, by theirs, or as the identity provider calls them. */
function requesterText({ manifest, requesterName }: ShownPromotion): string {
  const { subject } = manifest.requester;
  const [, machine] = /^machine\/(.+)$/.exec(subject) ?? [];
  return machine === undefined ? (requesterName ?? subject) : messages.change.machine(machine);
}

/** Nothing where there is nothing to say. */
function Row({ term, text }: { readonly term: string; readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <>
      <dt>{term}</dt>
      <dd>
        <Foreign text={text} />
      </dd>
    </>
  );
}

/** What would change in production or did, and for whom. */
export function ChangeSection({ promotion }: { readonly promotion: ShownPromotion }) {
  const { model, target } = promotion.manifest;
  const words = messages.change;
  const queued = queueSentence(target);
  const elsewhere = "account" in target ? accountNumber(target.account) : undefined;
  return (
    <Section id="change" heading={words.heading(promotion.status)}>
      <p>
        <Foreign text={words.sentence(model, target, promotion.status, promotion.reapproves !== undefined)} />
      </p>
      <dl>
        <Row term={words.type} text={model.type} />
        <Row term={words.runsOn} text={runsOn(target)} />
        <Row term={words.answers} text={queued} />
        <Row term={words.account} text={elsewhere} />
        {"told" in target && target.told !== undefined && (
          <>
            <dt>{words.told}</dt>
            <dd>
              <Digest value={target.told} />
              <p class="quiet">{words.toldNote}</p>
            </dd>
          </>
        )}
        {"network" in target && target.network === "open" && (
          <>
            <dt>{words.network}</dt>
            <dd>{words.open}</dd>
          </>
        )}
        <Row term={words.requester} text={requesterText(promotion)} />
        <dt>{words.digest}</dt>
        <dd>
          <Digest value={promotion.freezeDigest} />
          <p class="quiet">{words.digestNote}</p>
        </dd>
      </dl>
    </Section>
  );
}
