import { fileURLToPath } from 'node:url';
import { createAwsAccount } from '../../../src/aws-account';
import { readCloudAssembly } from '../../../src/cloudformation/cloud-assembly';
import { EventStream } from '../../../src/events';
import { deployWithoutSecrets } from '../../../src/scenarios/commits/deploy-without-secrets';
import { ManualClock } from '../../_helpers/manual-clock';

const assembly = readCloudAssembly(fileURLToPath(new URL('../_project/assembly', import.meta.url)));
const place = { id: '000000000000', region: 'eu-west-1' };
const account = createAwsAccount(place, new ManualClock(), new EventStream());
account.parameters.put({ name: '/greeter/image-tag', value: 'abc', type: 'String' });

test('CloudFormation refuses the stack whose token nobody has put into Secrets Manager', () => {
  expect(deployWithoutSecrets({ assembly, account, parameters: {} })).toMatch(
    /Secrets Manager can't find the specified secret\. It is '(github-token|webhook-secret)': create it before the deploy/,
  );
});

test('templates that read no secret have nothing to be refused for', () => {
  const none = { ...assembly, stacks: [] };
  expect(deployWithoutSecrets({ assembly: none, account, parameters: {} })).toBeUndefined();
});
