import { DescribeProcessingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { unlessAbsent } from "./refusals.ts";

/** What a job of Model Monitor came to; `undefined` of any other processing job. */
export interface MonitoringJob {
  readonly name: string;
  readonly arn: string;
  readonly schedule: string;
  /** The container's last words, such as `CompletedWithViolations: …`. */
  readonly exitMessage: string;
  readonly endpoint: string;
  /** The time of which the traffic was looked at. */
  readonly from: string;
  readonly until: string;
  /** Where it left its findings. */
  readonly outputs: readonly string[];
}

/**
 * Asks what became of a processing job, and of which endpoint it looked at the traffic: Model Monitor tells its containers
 * so in these variables. https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html
 */
export async function monitoringJob(client: SageMakerClient, name: string): Promise<MonitoringJob | undefined> {
  const job = await unlessAbsent(() => client.send(new DescribeProcessingJobCommand({ ProcessingJobName: name })));
  const { MonitoringScheduleArn: schedule, ProcessingJobArn: arn, ExitMessage: exitMessage, Environment } = job ?? {};
  const { sagemaker_endpoint_name: endpoint, start_time: from, end_time: until } = Environment ?? {};
  if (
    schedule === undefined ||
    arn === undefined ||
    endpoint === undefined ||
    from === undefined ||
    until === undefined
  )
    return undefined;
  const outputs = (job?.ProcessingOutputConfig?.Outputs ?? []).flatMap(({ S3Output }) => S3Output?.S3Uri ?? []);
  return { name, arn, schedule, exitMessage: exitMessage ?? "", endpoint, from, until, outputs };
}
