import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the smallest project */
export interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

/** @param assembly directory of the smallest project's cloud assembly, which is written to */
export function changeTemplate(assembly: string, change: (template: Template) => void): void {
  const file = join(assembly, 'Greeter.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  change(template);
  writeFileSync(file, JSON.stringify(template));
}

/** Gives the smallest project an alarm that guards its deployments, and tells a topic of it. */
export function guardDeployments({ Resources }: Template): void {
  const dimension = (name: string, resource: string, attribute: string) => ({
    Name: name,
    Value: { 'Fn::GetAtt': [resource, attribute] },
  });
  Resources['Errors'] = {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: 'greeter-errors',
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'HTTPCode_Target_5XX_Count',
      Dimensions: [
        dimension('LoadBalancer', 'Balancer', 'LoadBalancerFullName'),
        dimension('TargetGroup', 'Targets', 'TargetGroupFullName'),
      ],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 5,
      TreatMissingData: 'notBreaching',
    },
  };
  Resources['ErrorsTold'] = {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail: { alarmName: ['greeter-errors'], state: { value: ['ALARM'] } },
      },
      Targets: [{ Id: 'topic', Arn: { Ref: 'Failures' } }],
    },
  };
  const { DeploymentConfiguration: configuration } = Resources['Service']!.Properties;
  Object.assign(configuration as object, {
    Alarms: { Enable: true, Rollback: true, AlarmNames: [{ Ref: 'Errors' }] },
  });
}

/** Gives the smallest project a mail when an execution succeeds after one has failed. */
export function tellOfRecovery({ Resources }: Template): void {
  const publish = (state: string, value: string) => ({
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: { Ref: 'Executions' },
      FilterPattern: `{ $.detail.state = "${state}" }`,
      MetricTransformations: [
        { MetricNamespace: 'greeter', MetricName: 'ReleaseFailed', MetricValue: value },
      ],
    },
  });
  const rule = (EventPattern: unknown, Arn: unknown) => ({
    Type: 'AWS::Events::Rule',
    Properties: { EventPattern, Targets: [{ Id: 'target', Arn }] },
  });
  Object.assign(Resources, {
    Executions: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'greeter-executions' } },
    ExecutionsPolicy: {
      Type: 'AWS::Logs::ResourcePolicy',
      Properties: {
        PolicyName: 'greeter-executions',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: '*',
            },
          ],
        }),
      },
    },
    Ended: rule(
      {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { state: ['SUCCEEDED', 'FAILED'] },
      },
      {
        'Fn::Sub':
          'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:greeter-executions',
      },
    ),
    CountFailed: publish('FAILED', '1'),
    CountSucceeded: publish('SUCCEEDED', '0'),
    Broken: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'greeter-broken',
        Namespace: 'greeter',
        MetricName: 'ReleaseFailed',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 1,
        TreatMissingData: 'ignore',
      },
    },
    Recovered: rule(
      {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [{ 'Fn::GetAtt': ['Broken', 'Arn'] }],
        detail: { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } },
      },
      { Ref: 'Failures' },
    ),
  });
}

/** Adds readers of the mails. */
export function addSubscribers({ Resources }: Template, ...addresses: readonly string[]): void {
  for (const [index, Endpoint] of addresses.entries()) {
    Resources[`Reader${index}`] = {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'Failures' }, Protocol: 'email', Endpoint },
    };
  }
}
