import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { readSettings } from "./settings.ts";
import { witnessStack } from "./stacks/witness-stack.ts";
import { synth } from "./synth.ts";

// The witness alone, for whoever runs one and nothing else: `npx cdk deploy --app "node infra/witness-app.ts"`.
synth(() => {
  const app = new App();
  witnessStack(app, readSettings(app.node));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
});
