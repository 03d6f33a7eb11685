import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { EventField, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { ResourceNames } from '../resource-names';
import { announce, type Audience } from './announcement';
import { deploymentsPage, executionPage } from './console-links';

/** Actions after whose failure something else serves than after the others. */
export interface ReleaseActions {
  readonly deploy: string;
  readonly record: string;
}

const field = (path: string) => EventField.fromPath(path);

/**
 * A mail for every action that fails. It is the action's event that says why; that of the execution
 * does not, follows at once, and therefore mails nobody:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
 *
 * Three rules, because what serves afterwards depends on the action, and the event does not say it.
 * None of its fields holds the commit; the page behind the link shows it.
 */
export function tellOfFailedActions(
  scope: Construct,
  pipeline: Pipeline,
  { deploy, record }: ReleaseActions,
  audience: Audience,
): void {
  const { region } = Stack.of(scope);
  const rules: readonly {
    readonly id: string;
    readonly description: string;
    readonly action: readonly unknown[];
    readonly sentences: readonly string[];
  }[] = [
    {
      id: 'ActionFailed',
      description: 'Tells of an action that failed before the service was touched',
      action: [{ 'anything-but': [deploy, record] }],
      sentences: ['Serving now: the version before. This release has not touched the service.'],
    },
    {
      id: 'DeployFailed',
      description: 'Tells of a deployment that did not succeed',
      action: [deploy],
      sentences: [
        'Serving now: the version before. ECS replaces it only by tasks that are healthy.',
        'A mail about a failed deployment that came before this one is about the same release.',
      ],
    },
    {
      id: 'RecordFailed',
      description: 'Tells of a release that serves and is not recorded',
      action: [record],
      sentences: [
        'Serving now: the new version. Its tag is not recorded, so the next cdk deploy would bring the version before back.',
        'Choose Retry in the console; that is enough.',
      ],
    },
  ];
  for (const { id, description, action, sentences } of rules) {
    const rule = new Rule(scope, id, {
      description,
      eventPattern: {
        source: ['aws.codepipeline'],
        detailType: ['CodePipeline Action Execution State Change'],
        resources: [pipeline.pipelineArn],
        detail: { state: ['FAILED'], action },
      },
    });
    announce(
      rule,
      {
        title: `Release failed: action ${field('$.detail.action')} of stage ${field('$.detail.stage')} in pipeline ${field('$.detail.pipeline')}.`,
        reason: field('$.detail.execution-result.external-execution-summary'),
        sentences: [
          ...sentences,
          `Execution ${field('$.detail.execution-id')}, ${field('$.time')}. Its page shows the commit and the log:`,
        ],
        link: executionPage(region, field('$.detail.pipeline'), field('$.detail.execution-id')),
      },
      audience,
    );
  }
}

/**
 * A mail when the circuit breaker or an alarm has ended a deployment. CodePipeline goes on waiting
 * until its action's time limit, so this one comes first:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
export function tellOfFailedDeployments(
  scope: Construct,
  { cluster, service }: ResourceNames,
  audience: Audience,
): void {
  const stack = Stack.of(scope);
  const rule = new Rule(scope, 'DeploymentFailed', {
    description: 'Tells of a deployment that ECS has given up',
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Deployment State Change'],
      // By name, as the deploy action does it: an export would forbid replacing the service.
      resources: [
        stack.formatArn({
          service: 'ecs',
          resource: 'service',
          resourceName: `${cluster}/${service}`,
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    },
  });
  announce(
    rule,
    {
      title: `Deployment failed: service ${service} in cluster ${cluster}.`,
      reason: field('$.detail.reason'),
      sentences: [
        'Serving: the version before. If the new one served already, ECS is going back now, by itself.',
        'The pipeline notices when its deploy action reaches its time limit; that mail is about the same release.',
        `Deployment ${field('$.detail.deploymentId')}, ${field('$.time')}. Its page shows why tasks stopped:`,
      ],
      link: deploymentsPage(stack.region, cluster, service),
    },
    audience,
  );
}
