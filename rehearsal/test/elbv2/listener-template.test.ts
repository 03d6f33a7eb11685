import { createServer } from 'node:http';
import { classifyResources } from '../../src/cloudformation/supported-resources';
import { LoadBalancers } from '../../src/elbv2/load-balancers';
import { findUnplayedProperties } from '../../src/played-properties';
import { deployTemplate } from '../cloudformation/deploy-template';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { ask, closeAll, closeLater, listen, resources, until } from './fixtures';

afterEach(closeAll);

const type = (name: string) => `AWS::ElasticLoadBalancingV2::${name}`;

const template = {
  Parameters: { Site: { Type: 'String', Default: 'shop' } },
  Resources: {
    Balancer: { Type: type('LoadBalancer'), Properties: { Type: 'application' } },
    Group: {
      Type: type('TargetGroup'),
      Properties: { Protocol: 'HTTP', Port: 80, TargetType: 'ip', HealthCheckPath: '/health' },
    },
    Listener: {
      Type: type('Listener'),
      Properties: {
        LoadBalancerArn: { Ref: 'Balancer' },
        Protocol: 'HTTP',
        Port: 80,
        ListenerAttributes: [
          { Key: 'routing.http.response.x_content_type_options.header_value', Value: 'nosniff' },
        ],
        DefaultActions: [
          { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', MessageBody: 'no' } },
        ],
      },
    },
    Rule: {
      Type: type('ListenerRule'),
      Properties: {
        ListenerArn: { Ref: 'Listener' },
        Priority: '5',
        Conditions: [
          {
            Field: 'http-header',
            HttpHeaderConfig: { HttpHeaderName: 'X-Site', Values: [{ Ref: 'Site' }] },
          },
          {
            Field: 'path-pattern',
            PathPatternConfig: { RegexValues: [{ 'Fn::Sub': '^/${Site}/' }] },
          },
        ],
        Transforms: [
          {
            Type: 'url-rewrite',
            UrlRewriteConfig: {
              Rewrites: [{ Regex: { 'Fn::Sub': '^/${Site}(.*)$' }, Replace: '$1' }],
            },
          },
        ],
        Actions: [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: [{ TargetGroupArn: { Ref: 'Group' }, Weight: 1 }],
              TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
            },
          },
        ],
      },
    },
  },
};

test('what a template says of a listener is played, and the report has nothing to add', async () => {
  const deployed = resources(deployTemplate(template).resources);
  expect(classifyResources(deployed.all).refused).toEqual([]);
  expect(findUnplayedProperties(deployed)).toEqual([]);
  const { stream, events } = recordingEvents();
  const clock = new ManualClock();
  const loadBalancers = await LoadBalancers.start(deployed, {
    clock,
    events: stream,
    onRequest: () => undefined,
  });
  closeLater(() => loadBalancers.close());
  const [address] = loadBalancers.addresses();
  const [groupArn = ''] = address!.targetGroupArns;
  const server = createServer((request, response) => response.end(request.url));
  const target = {
    id: '10.0.0.1',
    port: 80,
    address: { host: '127.0.0.1', port: await listen(server) },
  };
  loadBalancers.registerTarget(groupArn, target);
  await until(() => loadBalancers.targetHealth(groupArn, target).state === 'healthy');

  const answer = await ask(address!.port, {
    path: '/shop/cart?n=1',
    headers: { 'x-site': 'Shop' },
  });
  expect(answer).toMatchObject({ status: 200, body: '/cart?n=1' });
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'set-cookie': [expect.stringMatching(/^AWSALBTG=/), expect.stringMatching(/^AWSALBTGCORS=/)],
  });
  expect(await ask(address!.port, { path: '/shop/cart' })).toMatchObject({
    status: 404,
    body: 'no',
    headers: { 'x-content-type-options': 'nosniff' },
  });
  expect(events.filter(({ kind }) => kind === 'unproven')).toEqual([]);
});
