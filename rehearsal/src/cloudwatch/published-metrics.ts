import type { Metric } from './metric-store';

interface Namespace {
  /** Every metric on AWS's page */
  readonly names: readonly string[];
  /** Those that the engine publishes, too */
  readonly played: readonly string[];
  /** Sets of dimensions under which the service publishes */
  readonly dimensions: readonly (readonly string[])[];
  /** Those of them under which the engine publishes. @default all */
  readonly playedDimensions?: readonly (readonly string[])[];
  readonly page: string;
}

const ELB_CODES = ['3XX', '4XX', '5XX', '500', '502', '503', '504'].map(
  (code) => `HTTPCode_ELB_${code}_Count`,
);
const TARGET_CODES = ['2XX', '3XX', '4XX', '5XX'].map((code) => `HTTPCode_Target_${code}_Count`);

/** Connections and bytes are counted for a whole load balancer here. */
const NOT_BY_ZONE = new Set([
  ...['ActiveConnectionCount', 'NewConnectionCount'],
  ...['ActiveFlowCount', 'NewFlowCount', 'ProcessedBytes'],
]);

const PHASE_DURATIONS = [
  ...['SubmittedDuration', 'QueuedDuration', 'ProvisioningDuration', 'DownloadSourceDuration'],
  ...['InstallDuration', 'PreBuildDuration', 'BuildDuration', 'PostBuildDuration'],
  ...['UploadArtifactsDuration', 'FinalizingDuration'],
];

const QUEUE_METRICS = [
  ...['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesDelayed'],
  ...['ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesVisible'],
];

const NAMESPACES: Readonly<Record<string, Namespace>> = {
  'AWS/CodePipeline': {
    names: ['PipelineDuration', 'FailedPipelineExecutions'],
    played: ['PipelineDuration', 'FailedPipelineExecutions'],
    dimensions: [['PipelineName'], []],
    page: 'https://docs.aws.amazon.com/codepipeline/latest/userguide/metrics-dimensions.html',
  },
  'AWS/CodeBuild': {
    names: [
      ...['Builds', 'FailedBuilds', 'SucceededBuilds', 'Duration', ...PHASE_DURATIONS],
      ...['CPUUtilized', 'CPUUtilizedPercent', 'MemoryUtilized', 'MemoryUtilizedPercent'],
      ...['StorageReadBytes', 'StorageWriteBytes'],
    ],
    played: ['Builds', 'FailedBuilds', 'SucceededBuilds', 'Duration', ...PHASE_DURATIONS],
    dimensions: [['ProjectName'], ['BuildId', 'BuildNumber', 'ProjectName'], []],
    playedDimensions: [['ProjectName'], []],
    page: 'https://docs.aws.amazon.com/codebuild/latest/userguide/cloudwatch_metrics-codebuild.html',
  },
  'AWS/ApplicationELB': {
    names: [
      ...['RequestCount', 'RequestCountPerTarget', 'TargetResponseTime', 'HealthyHostCount'],
      ...['UnHealthyHostCount', ...ELB_CODES, ...TARGET_CODES],
      ...['ActiveConnectionCount', 'NewConnectionCount', 'RejectedConnectionCount'],
      ...['ClientTLSNegotiationErrorCount', 'TargetTLSNegotiationErrorCount'],
      ...['TargetConnectionErrorCount', 'ConsumedLCUs', 'PeakLCUs', 'ProcessedBytes'],
      ...['HTTP_Fixed_Response_Count', 'HTTP_Redirect_Count', 'RuleEvaluations'],
      ...['HTTP_Redirect_Url_Limit_Exceeded_Count', 'DroppedInvalidHeaderRequestCount'],
      ...['DesyncMitigationMode_NonCompliant_Request_Count', 'ForwardedInvalidHeaderRequestCount'],
      ...['GrpcRequestCount', 'IPv6ProcessedBytes', 'IPv6RequestCount', 'AnomalousHostCount'],
      ...['MitigatedHostCount', 'NonStickyRequestCount', 'HealthyStateDNS', 'HealthyStateRouting'],
      ...['UnhealthyStateDNS', 'UnhealthyStateRouting', 'UnhealthyRoutingRequestCount'],
    ],
    played: [
      ...['RequestCount', 'TargetResponseTime', 'HealthyHostCount', 'UnHealthyHostCount'],
      ...['ActiveConnectionCount', 'NewConnectionCount', 'ProcessedBytes'],
      ...ELB_CODES,
      ...TARGET_CODES,
    ],
    dimensions: [
      ['LoadBalancer'],
      ['LoadBalancer', 'TargetGroup'],
      ['AvailabilityZone', 'LoadBalancer'],
      ['AvailabilityZone', 'LoadBalancer', 'TargetGroup'],
      ['TargetGroup'],
      ['AvailabilityZone', 'TargetGroup'],
    ],
    page: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html',
  },
  'AWS/SQS': {
    names: [
      ...QUEUE_METRICS,
      ...QUEUE_METRICS.map((name) => `${name}InQuietGroups`),
      ...['ApproximateNumberOfGroupsWithInflightMessages', 'ApproximateNumberOfNoisyGroups'],
      ...['NumberOfDeduplicatedSentMessages', 'NumberOfEmptyReceives', 'NumberOfMessagesDeleted'],
      ...['NumberOfMessagesReceived', 'NumberOfMessagesSent', 'SentMessageSize'],
    ],
    played: ['ApproximateNumberOfMessagesVisible', 'NumberOfMessagesSent'],
    dimensions: [['QueueName']],
    page: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
  },
  'AWS/NetworkELB': {
    names: [
      ...['ActiveFlowCount', 'NewFlowCount', 'ProcessedBytes', 'HealthyHostCount'],
      ...['UnHealthyHostCount', 'ConsumedLCUs', 'PeakBytesPerSecond', 'PeakPacketsPerSecond'],
      ...['PortAllocationErrorCount', 'ProcessedPackets', 'RejectedFlowCount'],
      ...['TCP_Client_Reset_Count', 'TCP_ELB_Reset_Count', 'TCP_Target_Reset_Count'],
      ...['ClientTLSNegotiationErrorCount', 'TargetTLSNegotiationErrorCount'],
      ...['UnhealthyRoutingFlowCount', 'ZonalHealthStatus'],
      ...['ActiveFlowCount', 'ConsumedLCUs', 'NewFlowCount', 'ProcessedBytes'].flatMap((name) =>
        ['TCP', 'TLS', 'UDP'].map((protocol) => `${name}_${protocol}`),
      ),
    ],
    played: [
      ...['ActiveFlowCount', 'NewFlowCount', 'ProcessedBytes'],
      ...['HealthyHostCount', 'UnHealthyHostCount'],
    ],
    dimensions: [
      ['LoadBalancer'],
      ['LoadBalancer', 'TargetGroup'],
      ['AvailabilityZone', 'LoadBalancer'],
      ['AvailabilityZone', 'LoadBalancer', 'TargetGroup'],
    ],
    page: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html',
  },
  'AWS/ECS': {
    names: [
      ...['CPUUtilization', 'MemoryUtilization', 'CPUReservation', 'MemoryReservation'],
      ...['EBSFilesystemUtilization', 'GPUReservation', 'ActiveConnectionCount'],
      ...['NewConnectionCount', 'ProcessedBytes', 'RequestCount', 'RequestCountPerTarget'],
      ...['TargetResponseTime', 'HTTPCode_Target_2XX_Count', 'HTTPCode_Target_3XX_Count'],
      ...['HTTPCode_Target_4XX_Count', 'HTTPCode_Target_5XX_Count', 'GrpcRequestCount'],
      ...['ClientTLSNegotiationErrorCount', 'TargetTLSNegotiationErrorCount'],
    ],
    played: ['CPUUtilization', 'MemoryUtilization'],
    dimensions: [['ClusterName', 'ServiceName'], ['ClusterName'], ['DiscoveryName']],
    playedDimensions: [['ClusterName', 'ServiceName']],
    page: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html',
  },
  'ECS/ContainerInsights': {
    names: [
      ...['DesiredTaskCount', 'RunningTaskCount', 'PendingTaskCount', 'DeploymentCount'],
      ...['TaskSetCount', 'TaskCount', 'ServiceCount', 'ContainerInstanceCount', 'RestartCount'],
      ...['CpuReserved', 'CpuUtilized', 'MemoryReserved', 'MemoryUtilized'],
      ...['TaskCpuUtilization', 'TaskMemoryUtilization', 'TaskEphemeralStorageUtilization'],
      ...[
        'ContainerCpuUtilization',
        'ContainerMemoryUtilization',
        'UnHealthyContainerHealthStatus',
      ],
      ...['EphemeralStorageReserved', 'EphemeralStorageUtilized'],
      ...['NetworkRxBytes', 'NetworkTxBytes', 'StorageReadBytes', 'StorageWriteBytes'],
    ],
    played: [
      ...['DesiredTaskCount', 'RunningTaskCount', 'PendingTaskCount', 'DeploymentCount'],
      ...['CpuReserved', 'CpuUtilized', 'MemoryReserved', 'MemoryUtilized'],
    ],
    dimensions: [
      ['ClusterName', 'ServiceName'],
      ['ClusterName'],
      ['ClusterName', 'TaskDefinitionFamily'],
    ],
    playedDimensions: [['ClusterName', 'ServiceName']],
    page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html',
  },
};

/**
 * Why an alarm on this metric gets no data; undefined when the engine publishes it.
 * `nobody` says that it would get none on AWS either, `yes` that only this machine has none.
 */
export interface MetricProblem {
  readonly publishedOnAws: 'nobody' | 'perhaps' | 'yes';
  /** A sentence without a period */
  readonly reason: string;
}

/** Checks name and dimensions against what the services say that they publish. */
export function metricProblem({ namespace, name, dimensions }: Metric): MetricProblem | undefined {
  const known = NAMESPACES[namespace];
  const title = `${namespace} ${name}`;
  if (known === undefined) {
    const reason = namespace.startsWith('AWS/')
      ? `${title} comes from a service that the engine does not play`
      : `${title} is a metric of an application's own, and nothing here publishes it`;
    return { publishedOnAws: 'perhaps', reason };
  }
  if (!known.names.includes(name)) {
    const reason = `no AWS service publishes ${title} (${known.page} has ${known.names.slice(0, 4).join(', ')}${known.names.length > 4 ? ', …' : ''})`;
    return { publishedOnAws: 'nobody', reason };
  }
  const keys = Object.keys(dimensions).sort();
  if (!known.dimensions.some((set) => set.join() === keys.join())) {
    const reason = `${title} is published with the dimensions ${known.dimensions.map((set) => set.join(' and ') || 'none').join(', or ')}, not with ${keys.join(' and ') || 'none'}`;
    return { publishedOnAws: 'nobody', reason };
  }
  const isPlayed =
    (known.playedDimensions?.some((set) => set.join() === keys.join()) ?? true) &&
    (!keys.includes('AvailabilityZone') || !NOT_BY_ZONE.has(name));
  if (known.played.includes(name) && isPlayed) return undefined;
  return {
    publishedOnAws: 'yes',
    reason: `${title} is not measured on this machine`,
  };
}
