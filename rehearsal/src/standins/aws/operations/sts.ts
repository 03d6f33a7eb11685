import { createHash } from 'node:crypto';
import type { StandinSession } from '../../standin';
import { operation } from '../operation';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const getCallerIdentity = operation({
  service: 'sts',
  name: 'GetCallerIdentity',
  global: true,
  members: {},
  // No permission is needed, and a policy cannot take it away.
  access: () => [],
  run: (_, { session }) => ({ ...identityOf(session), Account: session.account }),
});

export const stsOperations = [getCallerIdentity];

/** Who the session is, as STS names it. */
function identityOf({ caller, account }: StandinSession): { UserId: string; Arn: string } {
  switch (caller.kind) {
    case 'role': {
      const role = caller.roleArn.split('/').at(-1) ?? '';
      return {
        UserId: `${uniqueId('AROA', caller.roleArn)}:${caller.sessionName}`,
        Arn: `arn:aws:sts::${account}:assumed-role/${role}/${caller.sessionName}`,
      };
    }
    case 'service':
      return { UserId: caller.service, Arn: caller.service };
    case 'operator':
      return {
        UserId: uniqueId('AIDA', account),
        Arn: `arn:aws:iam::${account}:user/operator`,
      };
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
function uniqueId(prefix: string, of: string): string {
  const letters = createHash('sha256').update(of).digest('hex').toUpperCase();
  return prefix + letters.slice(0, 17);
}
