import { requireInstances, requireKind } from "../../../core/deployment/target-kind.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { digestOf, id, manifest } from "../../core/promotion/promotion-in-review.ts";

export const image = `registry.example/scorer@sha256:${"a".repeat(64)}`;
export const environment = utf8(JSON.stringify({ image: { reference: image } }));
export const endpoint = "credit-scoring";
export const modelUri = `s3://artifacts/frozen/${digestOf("model")}/model.json`;
export const onInstances = requireInstances(requireKind(manifest.target, "sagemaker-endpoint"));
export const asked = { forSeconds: 900, trafficPercent: 50, errorPercent: 1 };
export const model = { uri: modelUri, versionId: "v1", sha256: digestOf("model") };
export const order = { promotion: id, target: manifest.target, image, model };
