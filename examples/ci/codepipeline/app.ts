import { App } from "aws-cdk-lib";
import { ScoringPipeline } from "./scoring-pipeline.ts";

// npx cdk synth --app "node examples/ci/codepipeline/app.ts": no account is needed for it. Put your own addresses here.
const app = new App();
new ScoringPipeline(app, "CreditScoringPipeline", {
  url: "https://countersign.example.org",
  exchangeBucket: "countersign-exchange",
  wait: "approval",
});
app.synth();
