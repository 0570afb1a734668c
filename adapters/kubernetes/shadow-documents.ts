import type { Order } from "../../core/deployment/order.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { KubernetesTarget } from "../../core/promotion/target.ts";
import type { KubernetesObject, Resource } from "./cluster.ts";
import { podSpec } from "./release-document.ts";
import { annotation } from "./served-release.ts";
import { itemsIn, memberOf } from "./workload-kinds.ts";
import { releaseOf } from "./workload-standing.ts";

/** A target in which a candidate can run in shadow. */
export type MirroredTarget = KubernetesTarget & Required<Pick<KubernetesTarget, "mirror" | "metrics">>;

export const services: Resource = { group: "", version: "v1", plural: "services", kind: "Service" };

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
export const httpRoutes: Resource = {
  group: "gateway.networking.k8s.io",
  version: "v1",
  plural: "httproutes",
  kind: "HTTPRoute",
};

/** What a candidate in shadow is called: its Deployment and its Service. One at a time. */
export function shadowName({ endpoint }: Pick<KubernetesTarget, "endpoint">): string {
  return `${endpoint}-shadow`;
}

/** The promotion whose candidate an object is there for. */
export function shadowedIn(object: KubernetesObject): unknown {
  return memberOf(memberOf(object, "metadata"), "labels")[annotation.shadow];
}

/**
 * The candidate beside what answers: it is not labelled as a model, for no verdict allows it to answer anybody. Its bytes are
 * fetched and held against their digest like those of a release.
 */
export function shadowDocuments(
  order: Order,
  target: MirroredTarget,
  replicas: number,
): { readonly deployment: KubernetesObject; readonly service: KubernetesObject } {
  const { promotion, model } = order;
  const name = shadowName(target);
  const labels = { "app.kubernetes.io/name": name, [annotation.shadow]: promotion };
  const selector = { "app.kubernetes.io/name": name };
  const metadata = { name, namespace: target.namespace, labels };
  const pods = podSpec(releaseOf(order, "", target), target, true);
  return {
    deployment: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: selector },
        template: { metadata: { labels, annotations: { [annotation.modelDigest]: model.sha256 } }, spec: pods },
      },
    },
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector, ports: [{ port: target.port, targetPort: target.port, protocol: "TCP" }] },
    },
  };
}

/**
 * The rules of a route with a copy of each request that goes to the service sent to the candidate as well. All of the rules
 * are one field; the answers of a mirror are heard by nobody. https://gateway-api.sigs.k8s.io/guides/http-request-mirroring/
 */
export function mirrored(route: KubernetesObject, target: MirroredTarget): readonly KubernetesObject[] {
  const copy = {
    type: "RequestMirror",
    requestMirror: { backendRef: { name: shadowName(target), port: target.port } },
  };
  return withoutMirror(route, target).map((rule) =>
    leadsTo(rule, target) ? { ...rule, filters: [...itemsIn(rule, "filters"), copy] } : rule,
  );
}

/** The rules as they are without a candidate in shadow. */
export function withoutMirror(route: KubernetesObject, target: MirroredTarget): readonly KubernetesObject[] {
  return rulesOf(route).map((rule) => {
    const { filters: _, ...rest } = rule;
    const others = itemsIn(rule, "filters").filter((filter) => mirroredTo(filter) !== shadowName(target));
    return others.length === 0 ? rest : { ...rest, filters: others };
  });
}

/**
 * Whether every rule that leads to the service is mirrored to the candidate, none of them, or why it cannot be; `altered`: copies go
 * to the candidate otherwise than we have them go, as a part of the requests, or elsewhere under its name.
 */
export function mirrorIn(
  route: KubernetesObject | undefined,
  target: MirroredTarget,
): { readonly kind: "all" | "none" } | { readonly kind: "impossible" | "altered"; readonly why: string } {
  const name = `the HTTPRoute '${target.namespace}/${target.mirror.route}'`;
  if (route === undefined) return { kind: "impossible", why: `there is no ${name.replace(/^the /, "")}` };
  const rules = rulesOf(route).filter((rule) => leadsTo(rule, target));
  if (rules.length === 0)
    return { kind: "impossible", why: `${name} leads no requests to the service '${target.mirror.service}'` };
  const mirrors = rules.map((rule) => itemsIn(rule, "filters").flatMap((filter) => mirroredTo(filter) ?? []));
  if (mirrors.flat().some((other) => other !== shadowName(target)))
    return { kind: "impossible", why: `${name} mirrors requests for somebody else` };
  if (!rules.every((rule) => itemsIn(rule, "filters").every((filter) => isOrdinary(filter, target))))
    return { kind: "altered", why: `${name} copies requests to the candidate otherwise than it was asked to` };
  return { kind: mirrors.every((own) => own.length > 0) ? "all" : "none" };
}

/**
 * Whether a copy goes out of every request, to the candidate's own service; `group` and `kind` the API server writes itself.
 * https://gateway-api.sigs.k8s.io/reference/spec/#httprequestmirrorfilter
 */
function isOrdinary(filter: KubernetesObject, target: MirroredTarget): boolean {
  if (mirroredTo(filter) === undefined) return true;
  const { backendRef: _, ...otherwise } = memberOf(filter, "requestMirror");
  const {
    name,
    port,
    group = "",
    kind = "Service",
    namespace,
    ...more
  } = memberOf(memberOf(filter, "requestMirror"), "backendRef");
  const service = name === shadowName(target) && port === target.port && group === "" && kind === "Service";
  const near = namespace === undefined || namespace === target.namespace;
  return service && near && Object.keys({ ...otherwise, ...more }).length === 0;
}

/** Whether any rule sends copies to the candidate. */
export function mirrorsTo(route: KubernetesObject, target: MirroredTarget): boolean {
  return rulesOf(route).some((rule) =>
    itemsIn(rule, "filters").some((filter) => mirroredTo(filter) === shadowName(target)),
  );
}

/** Who is the promotion's, by the label of a run. */
export function shadowSelector(promotion: PromotionId): string {
  return `${annotation.shadow}=${promotion}`;
}

function rulesOf(route: KubernetesObject): readonly KubernetesObject[] {
  return itemsIn(memberOf(route, "spec"), "rules");
}

function leadsTo(rule: KubernetesObject, { mirror }: MirroredTarget): boolean {
  return itemsIn(rule, "backendRefs").some(
    ({ name, kind }) => name === mirror.service && (kind ?? "Service") === "Service",
  );
}

function mirroredTo(filter: KubernetesObject): string | undefined {
  if (filter["type"] !== "RequestMirror") return undefined;
  return String(memberOf(memberOf(filter, "requestMirror"), "backendRef")["name"]);
}
