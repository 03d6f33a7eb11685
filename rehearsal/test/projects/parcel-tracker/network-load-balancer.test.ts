import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/** The same project behind a Network Load Balancer, as many teams have their services. */
const scratch = scratchDirectory();
const ASSEMBLY = fileURLToPath(new URL('fixtures/assembly', import.meta.url));

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

function withNetworkLoadBalancer(): string {
  const assembly = join(mkdtempSync(join(scratch, 'nlb-')), 'assembly');
  cpSync(ASSEMBLY, assembly, { recursive: true });
  const file = join(assembly, 'ParcelTracker.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  for (const { Type, Properties } of Object.values(template.Resources)) {
    const type = Type.replace('AWS::ElasticLoadBalancingV2::', '');
    if (type === 'LoadBalancer') Properties['Type'] = 'network';
    if (type === 'Listener') Properties['Protocol'] = 'TCP';
    if (type === 'TargetGroup') {
      Object.assign(Properties, { Protocol: 'TCP', HealthCheckProtocol: 'HTTP' });
    }
  }
  writeFileSync(file, JSON.stringify(template));
  return assembly;
}

test(
  'a service behind a Network Load Balancer is released, and its traffic tells who answered',
  async () => {
    const result = await rehearse('parcel-tracker', scratch, {
      assembly: withNetworkLoadBalancer(),
    });

    expect(failedChecks(result)).toEqual([]);
    const [scenario] = result.report.scenarios;
    expect(Object.keys(scenario!.traffic.byTaskDefinition)).toHaveLength(2);
  },
  REHEARSAL_TIMEOUT_MS,
);
