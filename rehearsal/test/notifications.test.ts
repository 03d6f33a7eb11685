import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedResource } from '../src/cloudformation/deployed-resource';
import { REHEARSAL_SUBSCRIBER } from '../src/sns/topics';
import { deployedResource } from './_helpers/deployed-resource';
import {
  ALARM_ARN,
  bothPublishers,
  emailTo,
  failedRule,
  KEY_ARN,
  keyFor,
  pipeline,
  pipelineAlarm,
  RULE_ARN,
  startNotifications,
  topic,
  TOPIC_ARN,
  topicPolicy,
} from './_helpers/notification-stack';
import { scratchDirectory } from './_helpers/scratch-directory';

const directory = scratchDirectory();
const MINUTE = 60_000;
let close: () => void = () => undefined;
afterEach(() => close());

function start(...resources: readonly DeployedResource[]) {
  const started = startNotifications(directory, [pipeline(), topic(), ...resources]);
  close = () => started.notifications.close();
  return started;
}

const subjects = (mail: readonly { subject: string }[]) => mail.map(({ subject }) => subject);

describe('a failed execution', () => {
  test('is a mail at once, in the words of the rule, to everyone on the topic', () => {
    const { notifications, execution } = start(
      bothPublishers(),
      failedRule(),
      emailTo('dev@example.com'),
    );

    execution('FAILED');

    expect(notifications.mail).toMatchObject([
      {
        to: 'dev@example.com',
        subject: 'AWS Notification Message',
        body: expect.stringMatching(/^"Release failed: pipeline api\."\n/),
      },
    ]);
    const [mail] = notifications.mail;
    expect(readFileSync(join(directory, mail!.file), 'utf8')).toContain('To: dev@example.com\r\n');
  });

  test('every mail has a link to unsubscribe', () => {
    const { notifications, execution } = start(
      bothPublishers(),
      failedRule(),
      emailTo('dev@example.com'),
    );
    execution('FAILED');

    expect(notifications.mail[0]?.body).toContain(
      `https://sns.ap-northeast-2.amazonaws.com/unsubscribe.html?SubscriptionArn=${TOPIC_ARN}:s-1&Endpoint=dev%40example.com`,
    );
  });

  test('raises the alarm within a minute, and the alarm is a mail of its own', async () => {
    const { notifications, execution, clock } = start(
      bothPublishers(),
      pipelineAlarm(),
      emailTo('dev@example.com'),
    );
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('OK');

    execution('FAILED');
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
    expect(subjects(notifications.mail)).toEqual([
      'ALARM: "pipeline-failed" in Asia Pacific (Seoul)',
    ]);
  });

  test('is no mail when nothing failed', async () => {
    const { notifications, execution, clock } = start(
      bothPublishers(),
      failedRule(),
      pipelineAlarm(),
      emailTo('dev@example.com'),
    );

    execution('SUCCEEDED');
    await clock.advance(10 * MINUTE);

    expect(notifications.mail).toEqual([]);
  });
});

describe('a topic without a subscriber', () => {
  test('gets one for the rehearsal, and the report says that nobody would get these mails', () => {
    const { notifications, execution, unproven } = start(bothPublishers(), failedRule());

    execution('FAILED');

    expect(notifications.mail.map(({ to }) => to)).toEqual([REHEARSAL_SUBSCRIBER]);
    expect(unproven()).toContainEqual(
      expect.stringContaining("topic 'Topic' in stack 'TestStack' has no subscriber"),
    );
  });
});

describe('a topic policy that forgets a publisher', () => {
  test('EventBridge: no mail, and the message that was lost is known', () => {
    const { notifications, execution, authorizer } = start(
      topicPolicy('cloudwatch.amazonaws.com'),
      failedRule(),
      emailTo('dev@example.com'),
    );

    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(notifications.undelivered).toMatchObject([
      {
        target: TOPIC_ARN,
        publisher: 'events.amazonaws.com',
        sourceArn: RULE_ARN,
        reason: expect.stringContaining('because no resource-based policy allows the sns:Publish'),
      },
    ]);
    expect(authorizer.uses()).toMatchObject([
      { principal: 'events.amazonaws.com', allowed: false },
    ]);
  });

  test('CloudWatch: the rule’s own statement replaced the default policy, and the alarm is mute', async () => {
    const { notifications, execution, clock } = start(
      topicPolicy('events.amazonaws.com'),
      pipelineAlarm(),
      emailTo('dev@example.com'),
    );

    execution('FAILED');
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
    expect(notifications.mail).toEqual([]);
    expect(notifications.undelivered).toMatchObject([
      { publisher: 'cloudwatch.amazonaws.com', sourceArn: ALARM_ARN },
    ]);
  });

  test('without a policy the default one lets alarms publish, and rules not', async () => {
    const { notifications, execution, clock } = start(
      failedRule(),
      pipelineAlarm(),
      emailTo('dev@example.com'),
    );

    execution('FAILED');
    await clock.advance(MINUTE);

    expect(subjects(notifications.mail)).toEqual([
      'ALARM: "pipeline-failed" in Asia Pacific (Seoul)',
    ]);
    expect(notifications.undelivered).toMatchObject([{ publisher: 'events.amazonaws.com' }]);
  });
});

describe('an encrypted topic', () => {
  const started = (keyId: string, ...resources: readonly DeployedResource[]) => {
    const all = [pipeline(), topic({ KmsMasterKeyId: keyId }), bothPublishers(), failedRule()];
    const running = startNotifications(directory, [
      ...all,
      emailTo('dev@example.com'),
      ...resources,
    ]);
    close = () => running.notifications.close();
    return running;
  };

  test('sends mail when the key’s policy lets the publisher in, by id, ARN or alias', () => {
    const alias = deployedResource(
      'AWS::KMS::Alias',
      { TargetKeyId: KEY_ARN },
      { physicalId: 'alias/alerts', name: 'alias/alerts' },
    );
    for (const keyId of ['k-1', KEY_ARN, 'alias/alerts']) {
      const { notifications, execution } = started(keyId, keyFor('events.amazonaws.com'), alias);
      execution('FAILED');
      expect(notifications.mail).toHaveLength(1);
      notifications.close();
    }
  });

  test('sends none when the key’s policy forgets the publisher', () => {
    const { notifications, execution } = started('k-1', keyFor('cloudwatch.amazonaws.com'));
    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(notifications.undelivered[0]?.reason).toMatch(/^the topic is encrypted: .*kms:Decrypt/);
  });

  test('sends none with the key that AWS manages, which lets no other service in', () => {
    const { notifications, execution } = started('alias/aws/sns');
    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(notifications.undelivered[0]?.reason).toContain('alias/aws/sns');
  });

  test.each([
    ['the key', 'kms:Decrypt', {}, { ArnLike: { 'aws:SourceArn': RULE_ARN } }],
    ['the topic', 'sns:Publish', { StringEquals: { 'aws:SourceAccount': '000000000000' } }, {}],
  ])(
    'sends none of a rule’s when %s has a condition on the source, which EventBridge does not name',
    (_, action, ofTopic, ofKey) => {
      const key = keyFor('events.amazonaws.com');
      const [statement] = (key.properties['KeyPolicy'] as { Statement: object[] }).Statement;
      const policy = topicPolicy('events.amazonaws.com');
      const document = policy.properties['PolicyDocument'] as { Statement: object[] };
      const running = startNotifications(directory, [
        ...[pipeline(), topic({ KmsMasterKeyId: 'k-1' }), failedRule(), emailTo('dev@example.com')],
        { ...key, properties: { KeyPolicy: { Statement: [{ ...statement, Condition: ofKey }] } } },
        {
          ...policy,
          properties: {
            ...policy.properties,
            PolicyDocument: { Statement: [{ ...document.Statement[0], Condition: ofTopic }] },
          },
        },
      ]);
      close = () => running.notifications.close();

      running.execution('FAILED');

      expect(running.notifications.mail).toEqual([]);
      expect(running.notifications.undelivered[0]?.reason).toContain(action);
    },
  );

  test('takes an alarm’s when key and topic let CloudWatch in for the alarm alone', async () => {
    const condition = {
      ArnEquals: { 'aws:SourceArn': ALARM_ARN },
      StringEquals: { 'aws:SourceAccount': '000000000000' },
    };
    const statement = (Action: string[]) => ({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action,
      Resource: '*',
      Condition: condition,
    });
    const running = startNotifications(directory, [
      ...[pipeline(), topic({ KmsMasterKeyId: 'k-1' }), pipelineAlarm(), emailTo('a@example.com')],
      deployedResource(
        'AWS::KMS::Key',
        { KeyPolicy: { Statement: [statement(['kms:Decrypt', 'kms:GenerateDataKey*'])] } },
        { physicalId: 'k-1', attributes: { Arn: KEY_ARN } },
      ),
      deployedResource('AWS::SNS::TopicPolicy', {
        Topics: [TOPIC_ARN],
        PolicyDocument: { Statement: [statement(['sns:Publish'])] },
      }),
    ]);
    close = () => running.notifications.close();

    running.execution('FAILED');
    await running.clock.advance(MINUTE);

    expect(running.notifications.mail).toHaveLength(1);
  });

  test('with a key of another stack the report says that its policy is not known', () => {
    const { notifications, execution, unproven } = started('alias/elsewhere');
    execution('FAILED');

    expect(notifications.mail).toHaveLength(1);
    expect(unproven()).toContainEqual(expect.stringContaining('alias/elsewhere'));
  });
});

describe('a rule with a wrong pattern', () => {
  test('never matches: no mail, and the report can say that the rule never matched', () => {
    const { notifications, execution } = start(
      bothPublishers(),
      failedRule({ detail: { state: ['Failed'] } }),
      emailTo('dev@example.com'),
    );

    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(notifications.rules).toMatchObject([{ logicalId: 'Rule', matched: 0 }]);
  });

  test('a rule that is disabled, or on another bus, does nothing', () => {
    const disabled = failedRule();
    const { notifications, execution, unproven } = start(
      bothPublishers(),
      { ...disabled, properties: { ...disabled.properties, State: 'DISABLED' } },
      {
        ...disabled,
        logicalId: 'Other',
        properties: { ...disabled.properties, EventBusName: 'b' },
      },
    );

    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(unproven()).toContainEqual(expect.stringContaining("rule 'Other'"));
  });

  test('with a target that is not played is named', () => {
    const target = { Arn: 'arn:aws:lambda:ap-northeast-2:000000000000:function:f' };
    const { unproven } = start(failedRule({}, target));

    expect(unproven()).toContainEqual(expect.stringContaining('function:f, which is not played'));
  });
});

describe('an alarm on a metric that nobody publishes', () => {
  test('is named, and stays without data however often the pipeline fails', async () => {
    const { notifications, execution, clock, unproven } = start(
      pipelineAlarm({ MetricName: 'FailedPipeline', TreatMissingData: 'missing' }),
      emailTo('dev@example.com'),
    );

    execution('FAILED');
    await clock.advance(20 * MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('INSUFFICIENT_DATA');
    expect(notifications.mail).toEqual([]);
    expect(notifications.silentAlarms).toMatchObject([
      { logicalId: 'Alarm', publishedOnAws: 'nobody', name: 'pipeline-failed' },
    ]);
    expect(unproven()).toContainEqual(
      expect.stringContaining('no AWS service publishes AWS/CodePipeline FailedPipeline'),
    );
  });
});

describe('subscriptions', () => {
  test('email-json gets the notification as JSON', () => {
    const { notifications, execution } = start(
      bothPublishers(),
      failedRule(),
      emailTo('robot@example.com', { Protocol: 'email-json' }),
    );
    execution('FAILED');

    expect(JSON.parse(notifications.mail[0]?.body ?? '')).toMatchObject({
      Type: 'Notification',
      TopicArn: TOPIC_ARN,
      Message: '"Release failed: pipeline api."',
    });
  });

  test('other protocols are named: they get nothing here', () => {
    const { notifications, execution, unproven } = start(
      bothPublishers(),
      failedRule(),
      emailTo('https://hooks.example.com/x', { Protocol: 'https' }),
    );
    execution('FAILED');

    expect(notifications.mail).toEqual([]);
    expect(unproven()).toContainEqual(expect.stringContaining('https https://hooks.example.com/x'));
  });

  test('a filter on the body lets through what it matches; one on attributes lets nothing through', () => {
    const body = { MessageBody: { FilterPolicyScope: 'MessageBody' }, MessageAttributes: {} };
    const counts = Object.values(body).map((scope) => {
      const { notifications, execution } = start(
        bothPublishers(),
        failedRule({}, { InputTransformer: undefined, InputPath: '$.detail' }),
        emailTo('dev@example.com', { FilterPolicy: { state: ['FAILED'] }, ...scope }),
      );
      execution('FAILED');
      notifications.close();
      return notifications.mail.length;
    });

    expect(counts).toEqual([1, 0]);
  });
});
