import { type Identify, generatedNameWith, nameAndArn } from './resource-identity';

/** CloudWatch, CloudWatch Logs, EventBridge, SNS and SQS. */
export const observability: Readonly<Record<string, Identify>> = {
  // The ARN that CloudFormation returns for a log group ends in `:*`, which stands for its streams.
  'AWS::Logs::LogGroup': nameAndArn('LogGroupName', (namer, name) =>
    namer.arn('logs', `log-group:${name}:*`),
  ),
  'AWS::Logs::MetricFilter': generatedNameWith(),
  'AWS::Logs::ResourcePolicy': (namer) => {
    const name = namer.name('PolicyName');
    return { physicalId: name, name, attributes: {} };
  },
  'AWS::CloudWatch::Alarm': nameAndArn('AlarmName', (namer, name) =>
    namer.arn('cloudwatch', `alarm:${name}`),
  ),
  'AWS::CloudWatch::CompositeAlarm': nameAndArn('AlarmName', (namer, name) =>
    namer.arn('cloudwatch', `alarm:${name}`),
  ),
  'AWS::CloudWatch::Dashboard': (namer) => {
    const name = namer.name('DashboardName');
    return { physicalId: name, name, attributes: {} };
  },
  'AWS::Events::Rule': (namer) => {
    const name = namer.name('Name', 64);
    const bus = namer.text('EventBusName')?.split('/').at(-1) ?? 'default';
    const onBus = bus === 'default' ? name : `${bus}/${name}`;
    return {
      physicalId: onBus.replace('/', '|'),
      name,
      attributes: { Arn: namer.arn('events', `rule/${onBus}`), RuleName: name },
    };
  },
  'AWS::SNS::Topic': (namer) => {
    const name = namer.name('TopicName');
    const arn = namer.arn('sns', name);
    return { physicalId: arn, name, attributes: { TopicArn: arn, TopicName: name } };
  },
  'AWS::SNS::TopicPolicy': generatedNameWith('Id'),
  'AWS::SNS::Subscription': (namer) => {
    const arn = `${namer.text('TopicArn') ?? namer.arn('sns', 'topic')}:${namer.uuid()}`;
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  'AWS::SQS::Queue': (namer) => {
    const { account, region } = namer.resource;
    const name = namer.name('QueueName', 80);
    const url = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
    return {
      physicalId: url,
      name,
      attributes: { Arn: namer.arn('sqs', name), QueueName: name, QueueUrl: url },
    };
  },
  'AWS::SQS::QueuePolicy': generatedNameWith('Id'),
};
