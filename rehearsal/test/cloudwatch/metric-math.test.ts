import { alarmMath } from '../../src/cloudwatch/alarm-math';
import type { Series } from '../../src/cloudwatch/math-values';

const MINUTE = 60_000;
/** A gap */
const _ = undefined;
const METRICS: Readonly<Record<string, Series>> = {
  errors: [5, _, 0, 5],
  requests: [200, 100, 0, _],
  gaps: [_, 1, _, 3],
  none: [_, _, _, _],
  // The tables of the user guide
  shown1: [30, 20, 0, 0],
  shown2: [20, _, 20, _],
  metric1: [1, 1, 0, 0],
  metric2: [30, _, 0, 0],
  metric3: [0, 0, 20, _],
};

const evaluate = (expression: string, others: Readonly<Record<string, string>> = {}) =>
  alarmMath(
    [
      { id: 'result', expression },
      ...Object.entries(others).map(([id, text]) => ({ id, expression: text })),
      ...Object.keys(METRICS).map((id) => ({ id, expression: undefined })),
    ],
    'result',
  )?.evaluate(new Map(Object.entries(METRICS)), {
    starts: [0, 1, 2, 3].map((at) => Date.UTC(2026, 0, 4, 23, 58) + at * MINUTE),
    seconds: 60,
  });

describe('metric math', () => {
  test.each<[string, Series]>([
    ['errors + requests', [205, 100, 0, 5]],
    ['100 * errors / requests', [2.5, 0, _, _]],
    ['100*(errors/requests)', [2.5, 0, _, _]],
    ['-gaps * 2', [_, -2, _, -6]],
    ['errors + 2 ^ 3 - -1', [14, _, 9, 14]],
    ['none + 1', [_, _, _, _]],
  ])(
    '%s: a gap beside a value counts as 0, a division by zero drops the point',
    (text, expected) => {
      expect(evaluate(text)).toEqual(expected);
    },
  );

  test.each<[string, Series]>([
    ['errors < requests', [1, 1, 0, 0]],
    ['errors >= 5', [1, _, 0, 1]],
    ['errors > 1 AND requests > 100', [1, 0, 0, 0]],
    ['errors == 0 || requests == 0', [0, 0, 1, 0]],
    ['shown1 < shown2', [0, 0, 1, 0]],
    ['shown1 > 15 AND shown2 > 15', [1, 0, 0, 0]],
  ])('%s compares to 1 or 0', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test.each<[string, Series]>([
    ['IF(metric1, metric2, metric3)', [30, 0, 20, _]],
    ['IF(metric1, 5, metric3)', [5, 5, 20, _]],
    ['IF(metric1, metric2, 5)', [30, 0, 5, 5]],
    ['IF(metric1, metric2)', [30, 0, _, _]],
    ['IF(requests > 150, 100 * errors / requests, 0)', [2.5, 0, 0, _]],
    ['IF(1, metric2, metric3)', [30, _, 0, 0]],
    ['IF(0, metric2)', [_, _, _, _]],
  ])('%s as in the tables of the user guide', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test.each<[string, Series]>([
    ['FILL(gaps, 0)', [0, 1, 0, 3]],
    ['FILL(gaps, errors)', [5, 1, 0, 3]],
    ['FILL(gaps, REPEAT)', [_, 1, 1, 3]],
    ['FILL(gaps, LINEAR)', [_, 1, 2, 3]],
    ['FILL(gaps, MAX(gaps))', [3, 1, 3, 3]],
    ['SUM(FILL([errors, gaps], 0))', [5, 1, 0, 8]],
  ])('%s fills the gaps', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test.each<[string, Series]>([
    ['SUM([errors, requests])', [205, 100, 0, 5]],
    ['AVG([errors, gaps])', [2.5, 0.5, 0, 4]],
    ['MAX([errors, requests])', [200, 100, 0, 5]],
    ['MIN([errors, requests])', [5, 100, 0, 5]],
    ['SUM(METRICS("metric"))', [31, 1, 20, 0]],
    ['SUM(100 / [requests, metric1])', [100.5, 101, _, _]],
    ['errors - AVG(gaps)', [3, _, -2, 3]],
    ['gaps / DATAPOINT_COUNT(gaps)', [_, 0.5, _, 1.5]],
    ['metric1 * METRIC_COUNT([errors, gaps])', [2, 2, 0, 0]],
    ['FIRST(SORT([errors, requests], SUM, DESC))', [200, 100, 0, _]],
    ['LAST(SLICE([errors, requests, gaps], 0, 2))', [200, 100, 0, _]],
    ['SUM(REMOVE_EMPTY([none, gaps]))', [_, 1, _, 3]],
    ['TIME_SERIES(7)', [7, 7, 7, 7]],
  ])('%s over time gives a number, over an array a time series', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test.each<[string, Series]>([
    ['DIFF(requests)', [_, -100, -100, _]],
    ['DIFF(gaps)', [_, _, _, 2]],
    ['DIFF_TIME(gaps)', [_, _, _, 120]],
    ['RATE(gaps) * 120', [_, _, _, 2]],
    ['RUNNING_SUM(errors)', [5, 5, 5, 10]],
    ['requests / PERIOD(requests)', [200 / 60, 100 / 60, 0, _]],
    ['HOUR(errors)', [23, 23, 0, 0]],
    ['DAY(errors)', [7, 7, 1, 1]],
    ['ABS(FLOOR(gaps - 1.5))', [_, 1, _, 1]],
  ])('%s looks at times and steps', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('an expression may use others', () => {
    expect(
      evaluate('rate > 2', { rate: '100 * errors / total', total: 'SUM([requests])' }),
    ).toEqual([...[1, 0, _, _]]);
  });

  test.each([
    ['SEARCH("{AWS/ECS}", "Sum")', 'the function SEARCH'],
    ['ANOMALY_DETECTION_BAND(errors, 2)', 'ANOMALY_DETECTION_BAND'],
    ['max(errors)', 'the function max'],
    ['errors +', 'is not expected'],
    ['(errors', "')' is missing"],
    ['errors # 2', "'#'"],
    ['TOTAL', 'the word TOTAL'],
    ['errors / other', 'the id other, which no query has'],
    ['AVG(errors)', 'a result that is one number'],
    ['METRICS()', 'a result that is an array'],
    ['1 + result', 'uses itself'],
    ['errors + FILL(gaps, ZERO)', 'the word ZERO'],
  ])('%s is named as not played', (text, reason) => {
    expect(() => evaluate(text)).toThrow(reason);
  });
});
