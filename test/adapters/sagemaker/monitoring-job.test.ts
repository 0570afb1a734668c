import { ResourceNotFound, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect, it } from "vitest";
import { monitoringJob } from "../../../adapters/sagemaker/monitoring-job.ts";

it("a processing job that was deleted since its end is none of Model Monitor's", async () => {
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeProcessingJob.html
  const gone = new ResourceNotFound({ message: "Could not find requested job with name: job", $metadata: {} });
  const client = { send: () => Promise.reject(gone) } as unknown as SageMakerClient;
  expect(await monitoringJob(client, "job")).toBeUndefined();
});
