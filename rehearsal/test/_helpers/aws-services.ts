import { AuthorizationTokens } from '../../src/ecr/authorization-tokens';
import { ImageStore } from '../../src/ecr/image-store';
import type { Caller } from '../../src/iam/authorizer';
import { SecretStore } from '../../src/secretsmanager/secret-store';
import { ParameterStore } from '../../src/ssm/parameter-store';
import { createAwsStandin } from '../../src/standins/aws/aws-standin';
import { ManualClock } from './manual-clock';
import { policyAuthorizer } from './policy-authorizer';
import { recordingEvents } from './recording-events';

export const ACCOUNT = '000000000000';
export const REGION = 'ap-northeast-2';
export const BUILD_ROLE: Caller = {
  kind: 'role',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/build-role`,
  sessionName: 'AWSCodeBuild-1',
};

/** All that is behind `aws`, and the program itself as a function. */
export function createAwsServices(denied: readonly string[] = []) {
  const clock = new ManualClock();
  const { stream, events } = recordingEvents();
  const authorizer = policyAuthorizer(denied);
  const services = {
    images: new ImageStore(ACCOUNT, REGION, clock, stream),
    tokens: new AuthorizationTokens(clock),
    parameters: new ParameterStore(ACCOUNT, REGION, clock, stream),
    secrets: new SecretStore(ACCOUNT, REGION, clock),
    clock,
    authorizer,
    events: stream,
  };
  const standin = createAwsStandin(services);
  const aws = async (
    argv: readonly string[],
    call: {
      caller?: Caller;
      env?: Record<string, string>;
      cwd?: string;
      stdin?: string;
      barrierTo?: (service: string) => string | undefined;
    } = {},
  ) => {
    let stdout = '';
    let stderr = '';
    const outcome = await standin({
      session: {
        caller: call.caller ?? BUILD_ROLE,
        region: REGION,
        account: ACCOUNT,
        ...(call.barrierTo && { barrierTo: call.barrierTo }),
      },
      argv,
      cwd: call.cwd ?? '/',
      env: call.env ?? { AWS_REGION: REGION },
      stdin: call.stdin ?? '',
      stdout: (text) => (stdout += text),
      stderr: (text) => (stderr += text),
    });
    return { exitCode: 'exitCode' in outcome ? outcome.exitCode : -1, stdout, stderr };
  };
  return { ...services, standin, aws, recorded: events };
}
