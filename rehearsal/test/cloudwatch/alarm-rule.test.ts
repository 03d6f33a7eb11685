import type { AlarmState } from '../../src/cloudwatch/alarm-evaluation';
import { parseAlarmRule } from '../../src/cloudwatch/alarm-rule';

const STATES: Readonly<Record<string, AlarmState>> = {
  red: 'ALARM',
  green: 'OK',
  new: 'INSUFFICIENT_DATA',
  'a red one': 'ALARM',
};
const holds = (text: string) => parseAlarmRule(text).holds((name) => STATES[name]);

describe('the rule of a composite alarm', () => {
  test.each([
    ['ALARM(red)', true],
    ['ALARM("red")', true],
    ["OK('green')", true],
    ['ALARM("a red one")', true],
    ['INSUFFICIENT_DATA(new)', true],
    ['ALARM(missing)', false],
    ['TRUE', true],
    ['FALSE', false],
    ['NOT ALARM(red)', false],
    ['ALARM(red) AND NOT ALARM(green)', true],
    ['(ALARM(red) OR ALARM(green)) AND OK(red)', false],
    ['ALARM(red) OR ALARM(green) AND OK(red)', true],
    ['NOT (ALARM(green) OR FALSE)', true],
    ['ALARM ( red )\n  AND TRUE', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('knows the alarms that it asks for, by name or ARN', () => {
    const arn = 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:red';

    expect(parseAlarmRule(`ALARM("${arn}") OR OK(green) OR ALARM("${arn}")`).children).toEqual([
      arn,
      'green',
    ]);
  });

  test.each([
    ['', 'expected ALARM, OK'],
    ['red', 'expected ALARM, OK'],
    ['ALARM()', 'the name or ARN of an alarm'],
    ['(ALARM(red)', "expected ')'"],
    ['ALARM(red) ALARM(green)', 'expected AND, OR or nothing'],
    ['ALARM(red) AND', 'before '],
  ])('%j is refused', (text, reason) => {
    expect(() => parseAlarmRule(text)).toThrow(reason);
  });
});
