import fc from 'fast-check';
import { evaluate, evaluationRange, type MissingData } from '../../src/cloudwatch/alarm-evaluation';

/** `0` fine, `X` breaching, `-` missing, oldest first */
const points = (row: string) =>
  row.split(' ').map((point) => (point === '-' ? undefined : point === 'X'));
const state = (row: string, datapointsToAlarm: number, treatMissingData: MissingData) =>
  evaluate(points(row), { evaluationPeriods: 3, datapointsToAlarm, treatMissingData });

describe('the state of an alarm', () => {
  test.each([
    ['0 - X - X', 3, 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 3, 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 3, 'INSUFFICIENT_DATA', 'keep', 'ALARM', 'OK'],
    ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 3, 'ALARM', 'keep', 'ALARM', 'OK'],
    ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 2, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 2, 'ALARM', 'keep', 'ALARM', 'OK'],
  ] as const)(
    "AWS's table: %s with M = %d is %s, %s, %s, %s",
    (row, m, missing, ignore, breaching, notBreaching) => {
      expect([
        state(row, m, 'missing'),
        state(row, m, 'ignore'),
        state(row, m, 'breaching'),
        state(row, m, 'notBreaching'),
      ]).toEqual([missing, ignore, breaching, notBreaching]);
    },
  );

  test('one late breaching point does not alarm at once, it does when it is M periods old', () => {
    expect(state('- - - - X', 3, 'missing')).toBe('keep');
    expect(state('- - - X -', 3, 'missing')).toBe('keep');
    expect(state('- - X - -', 3, 'missing')).toBe('ALARM');
  });

  test('a fine point after the breaching one keeps the alarm away', () => {
    expect(state('- - X - 0', 3, 'missing')).toBe('OK');
  });

  test('one period and one breaching point are enough where N and M are 1', () => {
    const one = { evaluationPeriods: 1, datapointsToAlarm: 1 } as const;

    expect(evaluate(points('- - X'), { ...one, treatMissingData: 'notBreaching' })).toBe('ALARM');
    expect(evaluate(points('- X 0'), { ...one, treatMissingData: 'notBreaching' })).toBe('OK');
    expect(evaluate(points('- - -'), { ...one, treatMissingData: 'notBreaching' })).toBe('OK');
    expect(evaluate(points('- - -'), { ...one, treatMissingData: 'missing' })).toBe(
      'INSUFFICIENT_DATA',
    );
  });

  const anySettings = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([a, b]) =>
      fc.record({
        evaluationPeriods: fc.constant(Math.max(a, b)),
        datapointsToAlarm: fc.constant(Math.min(a, b)),
        treatMissingData: fc.constantFrom<MissingData>(
          'missing',
          'ignore',
          'breaching',
          'notBreaching',
        ),
      }),
    );

  test('without gaps the treatment of missing data changes nothing', () => {
    fc.assert(
      fc.property(anySettings, fc.infiniteStream(fc.boolean()), (settings, stream) => {
        const full = [...stream.take(evaluationRange(settings))];
        const expected =
          full.slice(-settings.evaluationPeriods).filter(Boolean).length >=
          settings.datapointsToAlarm
            ? 'ALARM'
            : 'OK';
        expect(evaluate(full, settings)).toBe(expected);
      }),
    );
  });

  test('an alarm that treats gaps as fine never lacks data, and never alarms without M breaches', () => {
    const point = fc.constantFrom(true, false, undefined);
    fc.assert(
      fc.property(anySettings, fc.infiniteStream(point), (given, stream) => {
        const settings = { ...given, treatMissingData: 'notBreaching' as const };
        const row = [...stream.take(evaluationRange(settings))];
        const result = evaluate(row, settings);
        const breaches = row.filter((one) => one === true).length;
        expect(
          result === 'OK' || (result === 'ALARM' && breaches >= settings.datapointsToAlarm),
        ).toBe(true);
      }),
    );
  });
});
