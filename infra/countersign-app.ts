import { App, type AppProps, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { serviceStackName } from "./constructs/plain-names.ts";
import { readSettings } from "./settings.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { ServiceStack } from "./stacks/service-stack.ts";
import { type WitnessStack, witnessStack } from "./stacks/witness-stack.ts";

export interface CountersignApp {
  readonly app: App;
  readonly data: DataStack;
  readonly service: ServiceStack;
  /** Only where the context `witness` asks for it. */
  readonly witness: WitnessStack | undefined;
}

/** Both stacks, for whatever account and region they are deployed to. */
export function countersignApp(props: AppProps = {}): CountersignApp {
  const app = new App(props);
  const settings = readSettings(app.node);
  const data = new DataStack(app, "CountersignData", settings, {
    description: "Countersign: what must stay. Tables, buckets, keys and reviewers.",
  });
  const service = new ServiceStack(app, serviceStackName, settings, data.places, {
    description: "Countersign: what can be made anew. Functions, API, state machine, portal and alarms.",
  });
  // The stacks know each other by the names of exports, which CDK cannot follow.
  service.addStackDependency(data);
  const witness = settings.witness ? witnessStack(app, settings) : undefined;
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, data, service, witness };
}
