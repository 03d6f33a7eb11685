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
