import { jest } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LoadBalancers } from '../../../src/elbv2/load-balancers';
import { DatagramClient } from '../../_helpers/datagram-client';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/** The same project behind a Network Load Balancer, as many teams have their services. */
const scratch = scratchDirectory();
const ASSEMBLY = fileURLToPath(new URL('fixtures/assembly', import.meta.url));

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

function withNetworkLoadBalancer(protocol: 'TCP' | 'TCP_UDP'): string {
  const assembly = join(mkdtempSync(join(scratch, 'nlb-')), 'assembly');
  cpSync(ASSEMBLY, assembly, { recursive: true });
  const file = join(assembly, 'ParcelTracker.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  for (const { Type, Properties } of Object.values(template.Resources)) {
    const type = Type.replace('AWS::ElasticLoadBalancingV2::', '');
    if (type === 'LoadBalancer') Properties['Type'] = 'network';
    if (type === 'Listener') Properties['Protocol'] = protocol;
    if (type === 'TargetGroup') {
      Object.assign(Properties, { Protocol: protocol, HealthCheckProtocol: 'HTTP' });
    }
  }
  writeFileSync(file, JSON.stringify(template));
  return assembly;
}

test(
  'a service behind a Network Load Balancer is released, and its traffic tells who answered',
  async () => {
    const result = await rehearse('parcel-tracker', scratch, {
      assembly: withNetworkLoadBalancer('TCP'),
    });

    expect(failedChecks(result)).toEqual([]);
    const [scenario] = result.report.scenarios;
    expect(Object.keys(scenario!.traffic.byTaskDefinition)).toHaveLength(2);
  },
  REHEARSAL_TIMEOUT_MS,
);

test(
  'a client by UDP is answered all through a release, by the old version and then by the new one',
  async () => {
    const started = new Promise<LoadBalancers>((resolve) => {
      const start = LoadBalancers.start.bind(LoadBalancers);
      jest.spyOn(LoadBalancers, 'start').mockImplementation(async (...args) => {
        const loadBalancers = await start(...args);
        resolve(loadBalancers);
        return loadBalancers;
      });
    });
    const client = new DatagramClient();
    let timer: NodeJS.Timeout | undefined;
    void started.then((loadBalancers) => {
      const [{ port } = { port: 0 }] = loadBalancers.addresses();
      timer = setInterval(() => client.send(port, 'parcel 7'), 50);
    });

    const result = await rehearse('parcel-tracker', scratch, {
      assembly: withNetworkLoadBalancer('TCP_UDP'),
    });
    clearInterval(timer);
    client.close();

    expect(failedChecks(result)).toEqual([]);
    const tasks = new Set(
      client.answers.map((answer) => /^parcel 7 received by (.+)$/.exec(answer)?.[1]),
    );
    expect([...tasks]).toEqual([expect.any(String), expect.any(String)]);
  },
  REHEARSAL_TIMEOUT_MS,
);
