import { MetricStore } from '../../src/cloudwatch/metric-store';
import { metricProblem } from '../../src/cloudwatch/published-metrics';

const metric = { namespace: 'AWS/CodeBuild', name: 'Duration', dimensions: { ProjectName: 'api' } };

describe('the values of a metric', () => {
  const store = new MetricStore();
  [5, 1, 2, 4, 3].forEach((value, index) => store.put(metric, value, index * 1000));

  test.each([
    ['Sum', 15],
    ['Average', 3],
    ['Minimum', 1],
    ['Maximum', 5],
    ['SampleCount', 5],
    ['p50', 3],
    ['p90', 5],
    ['p100', 5],
  ])('%s of a window', (statistic, expected) => {
    expect(store.statistic(metric, statistic, { from: 0, to: 5000 })).toBe(expected);
  });

  test('a window holds its begin and not its end, and has no value without samples', () => {
    expect(store.statistic(metric, 'Sum', { from: 1000, to: 3000 })).toBe(3);
    expect(store.statistic(metric, 'Sum', { from: 5000, to: 9000 })).toBeUndefined();
  });

  test('other dimensions are another metric, in whatever order they are written', () => {
    const two = (dimensions: Record<string, string>) => ({ namespace: 'N', name: 'm', dimensions });
    store.put(two({ a: '1', b: '2' }), 7, 0);

    expect(store.statistic(two({ b: '2', a: '1' }), 'Sum', { from: 0, to: 1 })).toBe(7);
    expect(store.statistic(two({ a: '1' }), 'Sum', { from: 0, to: 1 })).toBeUndefined();
  });
});

describe('a metric that an alarm watches', () => {
  test('is published here when the service and the dimensions are right', () => {
    const failed = {
      namespace: 'AWS/CodePipeline',
      name: 'FailedPipelineExecutions',
      dimensions: { PipelineName: 'api' },
    };

    expect(metricProblem(failed)).toBeUndefined();
    expect(metricProblem(metric)).toBeUndefined();
  });

  test('FailedPipeline is on no list of AWS, so nobody publishes it', () => {
    const problem = metricProblem({
      namespace: 'AWS/CodePipeline',
      name: 'FailedPipeline',
      dimensions: { PipelineName: 'api' },
    });

    expect(problem).toEqual({
      publishedOnAws: 'nobody',
      reason: expect.stringContaining('no AWS service publishes AWS/CodePipeline FailedPipeline'),
    });
  });

  test('dimensions that the service does not use are nobody’s, too', () => {
    const problem = metricProblem({
      namespace: 'AWS/CodePipeline',
      name: 'FailedPipelineExecutions',
      dimensions: { Pipeline: 'api' },
    });

    expect(problem?.publishedOnAws).toBe('nobody');
    expect(problem?.reason).toContain('PipelineName');
  });

  test.each([
    ['yes', 'AWS/ECS', 'CPUUtilization', { ClusterName: 'c' }],
    ['yes', 'AWS/ECS', 'EBSFilesystemUtilization', { ClusterName: 'c', ServiceName: 's' }],
    ['perhaps', 'AWS/Lambda', 'Errors', { FunctionName: 'f' }],
    ['perhaps', 'Shop', 'Orders', {}],
  ])(
    'is it published on AWS? %s: %s %s is only not measured here',
    (onAws, namespace, name, dimensions) => {
      expect(metricProblem({ namespace, name, dimensions })?.publishedOnAws).toBe(onAws);
    },
  );
});
