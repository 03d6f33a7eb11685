import {
  allPropertiesOf,
  pipelineTemplate,
  type Properties,
  propertiesOf,
} from '../_helpers/synth';

const slack = { slackWorkspaceId: 'T012ABCDEFG', slackChannelId: 'C012ABCDEFG' };
const template = pipelineTemplate(slack);

test('there is no chat unless one is named', () => {
  const without = pipelineTemplate();
  without.resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 0);
  without.resourceCountIs('AWS::SNS::Topic', 1);
});

test('the channel hears a topic of its own, may only read, and needs no function', () => {
  expect(propertiesOf(template, 'AWS::Chatbot::SlackChannelConfiguration')).toMatchObject({
    SlackWorkspaceId: 'T012ABCDEFG',
    SlackChannelId: 'C012ABCDEFG',
    SnsTopicArns: [{ Ref: expect.stringMatching(/^ChatTopic/) as unknown }],
    GuardrailPolicies: [
      { 'Fn::Join': ['', expect.arrayContaining([':iam::aws:policy/CloudWatchReadOnlyAccess'])] },
    ],
  });
  template.resourceCountIs('AWS::Lambda::Function', 0);
});

test('every rule tells the chat in the format that it shows, with the reason as JSON', () => {
  const rules = Object.values(allPropertiesOf(template, 'AWS::Events::Rule')).filter(
    ({ Targets: targets }) => (targets as Properties[]).length === 2,
  );
  expect(rules.length).toBeGreaterThanOrEqual(7);
  for (const { Targets: targets } of rules) {
    const [, chat] = targets as Properties[];
    const { InputTemplate: input } = chat!['InputTransformer'] as { InputTemplate: unknown };
    const text = typeof input === 'string' ? input : JSON.stringify(input).replaceAll('\\"', '"');
    expect(text).toContain('"version":"1.0","source":"custom"');
    // Unquoted, so that EventBridge itself quotes a text that holds quotes.
    expect(text).toMatch(/"description":(<detail-[\w-]+>|"Releases work again)/);
  }
});

test('the alarm tells the chat too', () => {
  const alarms = Object.values(allPropertiesOf(template, 'AWS::CloudWatch::Alarm'));
  expect(
    alarms.some(({ AlarmActions }) => (AlarmActions as unknown[] | undefined)?.length === 2),
  ).toBe(true);
});

test.each([
  [{ slackWorkspaceId: 'T012ABCDEFG' }, /'slackChannelId' should be/],
  [{ slackChannelId: 'C012ABCDEFG' }, /'slackWorkspaceId' should be/],
  [{ ...slack, slackChannelId: '#releases' }, /got: '#releases'/],
])('%j alone is refused', (props, message) => {
  expect(() => pipelineTemplate(props)).toThrow(message);
});
