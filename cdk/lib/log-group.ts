import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

export interface LogGroupOptions {
  readonly name: string;
  /** A month unless said otherwise. */
  readonly retention?: RetentionDays | undefined;
  /** A key of the account, or else one of AWS's. */
  readonly encryptionKey: IKey | undefined;
}

/** A log group that forgets, and goes with its stack. */
export function createLogGroup(scope: Construct, id: string, options: LogGroupOptions): LogGroup {
  const { name, retention, encryptionKey } = options;
  const logGroup = new LogGroup(scope, id, {
    logGroupName: name,
    retention: retention ?? RetentionDays.ONE_MONTH,
    // The group has a fixed name, so one that survived `cdk destroy` would block the next deploy.
    removalPolicy: RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey }),
  });
  if (!encryptionKey) {
    acknowledge(
      logGroup,
      'Encrypted with a key of AWS; a key of the account is $1 a month, and the property `kmsEncryption` brings it.',
      'CloudWatchLogGroupEncrypted',
    );
  }
  return logGroup;
}
