import {
  codebuildVariables,
  effectiveVariables,
  exportedVariables,
} from '../../src/codebuild/build-environment';
import { parseBuildspec } from '../../src/codebuild/buildspec';
import { checkRuntime } from '../../src/codebuild/runtime-versions';
import { variableValue } from '../../src/codebuild/variable-values';
import { ServiceException } from '../../src/service-exception';

const buildspec = parseBuildspec(`
version: 0.2
env:
  variables: { A: buildspec, B: buildspec, C: buildspec }
  parameter-store: { TOKEN: /token }
phases: { build: { commands: [make] } }
`);

describe('the environment of a build', () => {
  test('an action overrides the project, which overrides the buildspec', () => {
    const variables = effectiveVariables(
      buildspec,
      [
        { name: 'B', type: 'PLAINTEXT', value: 'project' },
        { name: 'C', type: 'PLAINTEXT', value: 'project' },
        { name: 'TOKEN', type: 'PLAINTEXT', value: 'plain' },
      ],
      [{ name: 'C', type: 'PARAMETER_STORE', value: '/c' }],
    );
    expect(variables).toEqual([
      { name: 'A', type: 'PLAINTEXT', value: 'buildspec' },
      { name: 'B', type: 'PLAINTEXT', value: 'project' },
      { name: 'C', type: 'PARAMETER_STORE', value: '/c' },
      { name: 'TOKEN', type: 'PLAINTEXT', value: 'plain' },
    ]);
  });

  test('CodeBuild tells the build about itself', () => {
    const facts = {
      id: 'api:1',
      arn: 'arn:aws:codebuild:ap-northeast-2:000000000000:build/api:1',
      number: 7,
      image: 'aws/codebuild/standard:7.0',
      initiator: 'codepipeline/api',
      logStream: '1',
      resolvedSourceVersion: 'abc1234',
      sourceVersion: undefined,
      sourceRepoUrl: '',
      sourceDirectory: '/src',
      batchIdentifier: undefined,
      kmsKeyId: 'alias/aws/s3',
      startTime: 1_700_000_000_000,
      region: 'ap-northeast-2',
    };
    const variables = codebuildVariables(facts);
    expect(variables).toMatchObject({
      AWS_REGION: 'ap-northeast-2',
      AWS_DEFAULT_REGION: 'ap-northeast-2',
      CODEBUILD_BUILD_NUMBER: '7',
      CODEBUILD_BUILD_SUCCEEDING: '1',
      CODEBUILD_RESOLVED_SOURCE_VERSION: 'abc1234',
      CODEBUILD_START_TIME: '1700000000000',
    });
    expect(variables).not.toHaveProperty('CODEBUILD_SOURCE_VERSION');
    expect(variables).not.toHaveProperty('CODEBUILD_BATCH_BUILD_IDENTIFIER');
  });

  test('values that were looked up and AWS_* names are never exported', () => {
    const variables = [{ name: 'TOKEN', type: 'PARAMETER_STORE', value: '/token' }] as const;
    const environment = { TAG: 'abc', TOKEN: 'secret', AWS_REGION: 'x' };
    expect(
      exportedVariables(['TAG', 'TOKEN', 'AWS_REGION', 'MISSING'], environment, variables),
    ).toEqual({ TAG: 'abc' });
  });
});

describe('values that are looked up', () => {
  const caller = { kind: 'operator' } as const;
  const asked: unknown[] = [];
  const sources = {
    parameter: (name: string) => Promise.resolve(`value of ${name}`),
    secret: (id: string, version: object) => {
      asked.push([id, version]);
      return Promise.resolve('{"user":"me","port":5432}');
    },
  };
  const lookUp = (value: string) =>
    variableValue({ name: 'X', type: 'SECRETS_MANAGER', value }, sources, caller);

  test('a secret is read whole, or one key of it', async () => {
    expect(await lookUp('db')).toBe('{"user":"me","port":5432}');
    expect(await lookUp('db:user')).toBe('me');
    const arn = 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:db-AbCdEf';
    expect(await lookUp(`${arn}:port:AWSPREVIOUS`)).toBe('5432');
    expect(asked.at(-1)).toEqual([arn, { stage: 'AWSPREVIOUS' }]);
  });

  test('a missing key names variable and key, but shows no value', async () => {
    await expect(lookUp('db:password')).rejects.toMatchObject({
      statusCode: 'Secrets Manager Error',
      message: "the secret for 'X' has no JSON key 'password'",
    });
  });

  test('what the service answers is what the phase says', async () => {
    const parameter = () => {
      throw new ServiceException('AccessDeniedException', 'User: x is not authorized');
    };
    await expect(
      variableValue(
        { name: 'X', type: 'PARAMETER_STORE', value: '/x' },
        { ...sources, parameter },
        caller,
      ),
    ).rejects.toMatchObject({
      statusCode: 'Decrypted Variables Error',
      message: 'AccessDeniedException: User: x is not authorized',
    });
  });
});

describe('runtime-versions', () => {
  const image = 'aws/codebuild/amazonlinux-aarch64-standard:3.0';

  test('the same major version proves what it can', () => {
    expect(checkRuntime('nodejs', '22', image, 'v22.11.0')).toBeUndefined();
  });

  test('another version is named as unproven', () => {
    expect(checkRuntime('nodejs', '22', image, 'v20.20.2')).toBe(
      'the build ran with nodejs 20.20.2 of this machine; CodeBuild would use nodejs 22',
    );
  });

  test('a version that the image does not have fails in the words of CodeBuild', () => {
    expect(() => checkRuntime('nodejs', '16', image, 'v16.0.0')).toThrow(
      "Unknown runtime version named '16' of nodejs. This build image has the following versions: 18, 20, 22, 24",
    );
    expect(() => checkRuntime('cobol', '1', image, undefined)).toThrow(
      "Unknown runtime named 'cobol'",
    );
  });

  test('a runtime that this machine lacks is refused by name', () => {
    expect(() => checkRuntime('php', '8.3', image, undefined)).toThrow(
      "the buildspec selects the runtime 'php: 8.3', and there is no 'php' on this machine",
    );
  });
});
