import {
  allPropertiesOf,
  pipelineTemplate,
  type Properties,
  propertiesOf,
} from '../_helpers/synth';

const template = pipelineTemplate({ notificationEmail: 'team@example.com' });

const statements = (policy: Properties): Properties[] => policy['Statement'] as Properties[];

/** Who may do what, e.g. `events.amazonaws.com: sns:Publish`. */
function allowed(policy: Properties): string[] {
  return statements(policy)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(
      ({ Principal, Action }) =>
        `${String((Principal as Properties)['Service'] ?? 'the account')}: ${[Action].flat().join(', ')}`,
    );
}

describe('the topic of the mails', () => {
  const { PolicyDocument: policy } = propertiesOf(template, 'AWS::SNS::TopicPolicy');

  test('lets both publishers in, EventBridge and the alarm', () => {
    expect(allowed(policy as Properties)).toEqual([
      'events.amazonaws.com: sns:Publish',
      'cloudwatch.amazonaws.com: sns:Publish',
    ]);
  });

  test('takes messages over TLS only', () => {
    expect(statements(policy as Properties)).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test('is encrypted with a key of its own, which both publishers can really use', () => {
    const [[keyId, key]] = Object.entries(allPropertiesOf(template, 'AWS::KMS::Key')) as [
      [string, Properties],
    ];
    expect(propertiesOf(template, 'AWS::SNS::Topic')['KmsMasterKeyId']).toEqual({
      'Fn::GetAtt': [keyId, 'Arn'],
    });
    expect(key).toMatchObject({ EnableKeyRotation: true });
    expect(allowed(key['KeyPolicy'] as Properties)).toEqual([
      'the account: kms:*',
      'cloudwatch.amazonaws.com: kms:Decrypt, kms:GenerateDataKey*',
      'events.amazonaws.com: kms:Decrypt, kms:GenerateDataKey*',
    ]);
  });

  test('and the key asks CloudWatch, not EventBridge, on whose behalf it comes', () => {
    const { KeyPolicy: keyPolicy } = propertiesOf(template, 'AWS::KMS::Key');
    const [, alarms, rules] = statements(keyPolicy as Properties);
    expect(alarms!['Condition']).toMatchObject({
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnEquals: {
        'aws:SourceArn': [
          'arn:aws:cloudwatch:ap-northeast-2:111122223333:alarm:EcsCodePipelinePracticeApiPipelineFailed',
        ],
      },
    });
    expect(rules).not.toHaveProperty('Condition');
  });
});

describe('mails go', () => {
  const endpoints = (of: typeof template) =>
    Object.values(allPropertiesOf(of, 'AWS::SNS::Subscription')).map(
      ({ Protocol, Endpoint }) => `${String(Protocol)} ${String(Endpoint)}`,
    );

  test('to nobody without an address', () => {
    expect(endpoints(pipelineTemplate())).toEqual([]);
  });

  test('to one address, or to several', () => {
    expect(endpoints(template)).toEqual(['email team@example.com']);
    const several = pipelineTemplate({
      notificationEmail: 'team@example.com',
      notificationEmails: ['oncall@example.com', 'boss@example.com'],
    });
    expect(endpoints(several).sort()).toEqual([
      'email boss@example.com',
      'email oncall@example.com',
      'email team@example.com',
    ]);
  });

  test.each([
    [
      ['not an address'],
      /'notificationEmails' should be one e-mail address, got: 'not an address'/,
    ],
    [['a@example.com,b@example.com'], /should be one e-mail address/],
    [['a@example.com', 'A@example.com'], /each address once.*got: 'A@example.com' twice/],
    [['team@example.com'], /each address once/],
  ])('%j beside another one is refused', (notificationEmails, message) => {
    expect(() =>
      pipelineTemplate({ notificationEmail: 'team@example.com', notificationEmails }),
    ).toThrow(message);
  });
});
