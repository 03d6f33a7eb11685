import { parseTargetInput, type TargetInputSettings } from '../../src/eventbridge/target-input';

const event = {
  region: 'ap-northeast-2',
  time: '2026-01-01T00:00:00Z',
  resources: ['arn:one', 'arn:two'],
  detail: { state: 'FAILED', attempt: 2, type: { provider: 'ECS' }, 'execution-id': 'e-1' },
};
const context = {
  ruleArn: 'arn:aws:events:ap-northeast-2:000000000000:rule/failed',
  ruleName: 'failed',
  ingestionTime: '2026-01-01T00:00:01.000Z',
};
const input = (settings: TargetInputSettings) =>
  parseTargetInput(settings, "target 'Target0'")(event, context);
const transformed = (template: string, pathsMap: Record<string, string> = {}) =>
  input({ inputTransformer: { pathsMap, template } });

describe('what a target gets', () => {
  test('without further words it is the event', () => {
    expect(JSON.parse(input({}))).toEqual(event);
  });

  test('a constant stands for the event, a path takes a part of it', () => {
    expect(input({ input: '"a text"' })).toBe('"a text"');
    expect(input({ inputPath: '$.detail.type' })).toBe('{"provider":"ECS"}');
  });

  test('quoted lines become text with the values put in as they are, quotes and all', () => {
    const message = transformed('"Pipeline <state>, attempt <attempt>."\n"In <region>."', {
      state: '$.detail.state',
      attempt: '$.detail.attempt',
      region: '$.region',
    });

    expect(message).toBe('"Pipeline FAILED, attempt 2."\n"In ap-northeast-2."');
  });

  test('a value that the event lacks becomes nothing', () => {
    expect(transformed('"reason: <reason>."', { reason: '$.detail.reason' })).toBe('"reason: ."');
  });

  test('in a JSON template a text is quoted where it stands alone, and not within quotes', () => {
    const message = transformed(
      '{"state": <state>, "attempt": <attempt>, "type": <type>, "text": "is <state>"}',
      { state: '$.detail.state', attempt: '$.detail.attempt', type: '$.detail.type' },
    );

    expect(JSON.parse(message)).toEqual({
      state: 'FAILED',
      attempt: 2,
      type: { provider: 'ECS' },
      text: 'is FAILED',
    });
  });

  test('paths take names with dashes, indices and wildcards', () => {
    const paths = { id: '$.detail.execution-id', second: '$.resources[1]', all: '$.resources[*]' };

    expect(transformed('"<id> <second> <all>"', paths)).toBe('"e-1 arn:two ["arn:one","arn:two"]"');
  });

  test('the predefined variables tell of the rule and the event', () => {
    expect(transformed('"<aws.events.rule-name> at <aws.events.event.ingestion-time>"')).toBe(
      '"failed at 2026-01-01T00:00:01.000Z"',
    );
    expect(
      JSON.parse(transformed('{"arn": <aws.events.rule-arn>, "event": <aws.events.event>}')),
    ).toEqual({
      arn: context.ruleArn,
      event: { region: event.region, time: event.time, resources: event.resources },
    });
    expect(JSON.parse(transformed('{"all": <aws.events.event.json>}'))).toEqual({ all: event });
  });

  test.each([
    ['"<reason>"', {}, 'InputTemplateInvalid', "InputPathsMap has no 'reason'"],
    [
      'no quotes <state>',
      { state: '$.detail.state' },
      'InputTemplateInvalid',
      'quotes are required',
    ],
    ['"<state>"', { state: '$..state' }, 'EventPathInvalid', "'$..state'"],
    ['"<state>"', { state: "$['detail']" }, 'EventPathInvalid', 'dots, names'],
  ])('%j with %j is refused', (template, pathsMap, code, text) => {
    expect(() => transformed(template, pathsMap as Record<string, string>)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }) as Error,
    );
  });
});
