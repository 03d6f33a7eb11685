import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAwsServices } from '../../_helpers/aws-services';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const REPOSITORY_ARN = 'arn:aws:ecr:ap-northeast-2:000000000000:repository/team/api';
const words = (line: string) => line.split(' ');

/** The program with a repository `team/api` that holds one image with two tags. */
function createAws(denied: readonly string[] = []) {
  const services = createAwsServices(denied);
  services.images.createRepository('team/api');
  services.images.putImage({
    repositoryName: 'team/api',
    digest: DIGEST,
    tags: ['abc1234', 'latest'],
    size: 42,
  });
  const run = (line: string, call?: Parameters<typeof services.aws>[1]) =>
    services.aws(words(line), call);
  return { ...services, run };
}

describe('who and where', () => {
  test('a build is the role that it assumed', async () => {
    const { run } = createAws();
    const { stdout, exitCode } = await run('sts get-caller-identity');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:AWSCodeBuild-1$/),
      Account: '000000000000',
      Arn: 'arn:aws:sts::000000000000:assumed-role/build-role/AWSCodeBuild-1',
    });
  });

  test('the operator is a user of the same account', async () => {
    const { run } = createAws();
    const call = { caller: { kind: 'operator' } as const };
    expect((await run('sts get-caller-identity --query Arn --output text', call)).stdout).toBe(
      'arn:aws:iam::000000000000:user/operator\n',
    );
  });

  test.each([
    ['ecr describe-repositories', 'ecr.api', 'api.ecr'],
    ['ssm get-parameter --name /x', 'ssm', 'ssm'],
  ])('%s times out where the network does not lead to %s', async (line, service, host) => {
    const { run, authorizer } = createAws();
    const barrierTo = (asked: string) => (asked === service ? 'no route' : undefined);

    expect(await run(line, { barrierTo })).toEqual({
      exitCode: 255,
      stdout: '',
      stderr: `\naws: [ERROR]: Connect timeout on endpoint URL: "https://${host}.ap-northeast-2.amazonaws.com/" (no route)\n`,
    });
    expect(authorizer.requests).toEqual([]);
    expect((await run('ecr describe-repositories')).exitCode).toBe(0);
  });

  test('the configured region is known to the operator, not to a build', async () => {
    const { run } = createAws();
    const operator = { caller: { kind: 'operator' } as const, env: {} };
    expect((await run('configure get region', operator)).stdout).toBe('ap-northeast-2\n');
    expect(await run('configure get region')).toEqual({ exitCode: 1, stdout: '', stderr: '' });
    expect((await run('ecr describe-repositories', operator)).exitCode).toBe(0);
  });

  test('a build without a region ends with 253', async () => {
    const { run } = createAws();
    const { exitCode, stderr } = await run('ecr describe-repositories', { env: {} });
    expect([exitCode, stderr]).toEqual([
      253,
      '\naws: [ERROR]: An error occurred (NoRegion): You must specify a region. You can also configure your region by running "aws configure".\n',
    ]);
  });

  test('another region than that of the stacks is not played', async () => {
    const { run, recorded } = createAws();
    const { exitCode, stderr } = await run('ecr describe-repositories --region eu-west-1');
    expect([exitCode, stderr]).toEqual([252, expect.stringContaining('--region eu-west-1')]);
    expect(recorded.at(-1)).toMatchObject({ kind: 'unproven' });
  });

  test('a profile is not found, as there is none', async () => {
    const { run } = createAws();
    for (const { exitCode, stderr } of [
      await run('sts get-caller-identity --profile prod'),
      await run('sts get-caller-identity', { env: { AWS_PROFILE: 'prod' } }),
    ]) {
      expect(exitCode).toBe(255);
      expect(stderr).toContain('The config profile (prod) could not be found');
    }
  });

  test('who one is can be asked without a region', async () => {
    expect((await createAws().run('sts get-caller-identity', { env: {} })).exitCode).toBe(0);
  });

  test('--version is the version of the CLI that is played', async () => {
    expect((await createAws().run('--version')).stdout).toMatch(/^aws-cli\/2\.\d+\.\d+ /);
  });
});

describe('ecr', () => {
  test('a repository is created with every setting that deploy scripts use', async () => {
    const { run, images } = createAws();
    const { stdout, stderr } = await run(
      'ecr create-repository --repository-name team/web --image-scanning-configuration scanOnPush=true' +
        ' --image-tag-mutability IMMUTABLE_WITH_EXCLUSION' +
        ' --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=latest filterType=WILDCARD,filter=cache*' +
        ' --encryption-configuration encryptionType=AES256 --tags Key=team,Value=web --no-cli-pager',
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      repository: {
        repositoryArn: 'arn:aws:ecr:ap-northeast-2:000000000000:repository/team/web',
        registryId: '000000000000',
        repositoryName: 'team/web',
        repositoryUri: '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com/team/web',
        createdAt: '2026-01-01T00:00:00+00:00',
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [
          { filterType: 'WILDCARD', filter: 'latest' },
          { filterType: 'WILDCARD', filter: 'cache*' },
        ],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfiguration: { encryptionType: 'AES256' },
      },
    });
    expect(images.repository('team/web').settings.tags).toEqual({ team: 'web' });
  });

  test('a repository that does not exist is an error of the service', async () => {
    const { run } = createAws();
    expect(await run('ecr describe-repositories --repository-names team/web')).toEqual({
      exitCode: 254,
      stdout: '',
      stderr:
        "\naws: [ERROR]: An error occurred (RepositoryNotFoundException) when calling the DescribeRepositories operation: The repository with name 'team/web' does not exist in the registry with id '000000000000'\n",
    });
  });

  test('the repository is found by name', async () => {
    const { run } = createAws();
    const uri = '--query repositories[0].repositoryUri --output text';
    expect((await run(`ecr describe-repositories --repository-names team/api ${uri}`)).stdout).toBe(
      '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com/team/api\n',
    );
  });

  test('creating it again is an error of the service', async () => {
    const { exitCode, stderr } = await createAws().run(
      'ecr create-repository --repository-name team/api',
    );
    expect([exitCode, stderr]).toEqual([
      254,
      expect.stringContaining(
        '(RepositoryAlreadyExistsException) when calling the CreateRepository',
      ),
    ]);
  });

  test('the password of docker login belongs to the caller', async () => {
    const { run, tokens } = createAws();
    const { stdout } = await run('ecr get-login-password --region ap-northeast-2');
    expect(tokens.check(stdout.trim())).toMatchObject({
      status: 'valid',
      caller: { sessionName: 'AWSCodeBuild-1' },
    });
  });

  test('an image is described by its tag', async () => {
    const { run } = createAws();
    const { stdout } = await run(
      'ecr describe-images --repository-name team/api --image-ids imageTag=abc1234',
    );
    expect(JSON.parse(stdout)).toEqual({
      imageDetails: [
        {
          registryId: '000000000000',
          repositoryName: 'team/api',
          imageDigest: DIGEST,
          imageTags: ['abc1234', 'latest'],
          imageSizeInBytes: 42,
          imagePushedAt: '2026-01-01T00:00:00+00:00',
          imageStatus: 'ACTIVE',
        },
      ],
    });
  });

  test('an image that is not there is an error when described', async () => {
    const { exitCode, stderr } = await createAws().run(
      'ecr describe-images --repository-name team/api --image-ids imageTag=nowhere',
    );
    expect([exitCode, stderr]).toEqual([
      254,
      "\naws: [ERROR]: An error occurred (ImageNotFoundException) when calling the DescribeImages operation: The image with imageId {imageDigest:'null', imageTag:'nowhere'} does not exist within the repository with name 'team/api' in the registry with id '000000000000'\n",
    ]);
  });

  test('an image that is not there is a failure in the answer when fetched', async () => {
    const { run } = createAws();
    const { stdout, exitCode } = await run(
      'ecr batch-get-image --repository-name team/api --image-ids imageTag=latest imageTag=nowhere',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      images: [
        {
          registryId: '000000000000',
          repositoryName: 'team/api',
          imageId: { imageDigest: DIGEST, imageTag: 'latest' },
        },
      ],
      failures: [
        {
          imageId: { imageTag: 'nowhere' },
          failureCode: 'ImageNotFound',
          failureReason: 'Requested image not found',
        },
      ],
    });
  });

  test('every tag is listed, and untagged images can be asked for', async () => {
    const { run } = createAws();
    const list = 'ecr list-images --repository-name team/api --output text';
    expect((await run(list)).stdout).toBe(
      `IMAGEIDS\t${DIGEST}\tabc1234\nIMAGEIDS\t${DIGEST}\tlatest\n`,
    );
    expect((await run(`${list} --filter tagStatus=UNTAGGED`)).stdout).toBe('');
  });

  test('a lifecycle policy comes from a file and can be read back', async () => {
    const { aws, run } = createAws();
    const directory = mkdtempSync(join(tmpdir(), 'aws-'));
    const rule = {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30 },
      action: { type: 'expire' },
    };
    writeFileSync(join(directory, 'policy.json'), JSON.stringify({ rules: [rule] }, null, 2));
    const put = words(
      'ecr put-lifecycle-policy --repository-name team/api --lifecycle-policy-text',
    );
    const { stderr } = await aws([...put, 'file://policy.json'], { cwd: directory });
    rmSync(directory, { recursive: true });
    expect(stderr).toBe('');
    const get = 'ecr get-lifecycle-policy --repository-name team/api --query lifecyclePolicyText';
    expect(JSON.parse(JSON.parse((await run(get)).stdout) as string)).toEqual({ rules: [rule] });

    const missing = await aws([...put, 'file://nowhere.json'], { cwd: '/' });
    expect([missing.exitCode, missing.stderr]).toEqual([
      252,
      expect.stringContaining(
        "Error parsing parameter '--lifecycle-policy-text': Unable to load paramfile file://nowhere.json",
      ),
    ]);
  });

  test('a repository without a lifecycle policy says so', async () => {
    const { stderr } = await createAws().run('ecr get-lifecycle-policy --repository-name team/api');
    expect(stderr).toContain(
      "(LifecyclePolicyNotFoundException) when calling the GetLifecyclePolicy operation: Lifecycle policy does not exist for the repository with name 'team/api' in the registry with id '000000000000'",
    );
  });

  test('mutability and scanning of a repository can be changed', async () => {
    const { run, images } = createAws();
    await run(
      'ecr put-image-tag-mutability --repository-name team/api --image-tag-mutability IMMUTABLE',
    );
    await run(
      'ecr put-image-scanning-configuration --repository-name team/api --image-scanning-configuration scanOnPush=true',
    );
    expect(images.repository('team/api').settings).toMatchObject({
      imageTagMutability: 'IMMUTABLE',
      scanOnPush: true,
    });
  });

  test('an image that was never scanned is an error when its findings are asked for', async () => {
    const { exitCode, stderr } = await createAws().run(
      'ecr describe-image-scan-findings --repository-name team/api --image-id imageTag=abc1234',
    );
    expect([exitCode, stderr]).toEqual([
      254,
      "\naws: [ERROR]: An error occurred (ScanNotFoundException) when calling the DescribeImageScanFindings operation: Image scan does not exist for the image with '{imageDigest:'null', imageTag:'abc1234'}' in the repository with name 'team/api' in the registry with id '000000000000'\n",
    ]);
  });

  test('a scan is started, and what it found is read', async () => {
    const { run, images } = createAws();
    const finding = { name: 'CVE-2026-0001', severity: 'CRITICAL' } as const;
    images.scans.pretend([finding]);
    const id = '--repository-name team/api --image-id imageTag=abc1234';
    const started = JSON.parse((await run(`ecr start-image-scan ${id}`)).stdout) as object;
    const named = {
      registryId: '000000000000',
      repositoryName: 'team/api',
      imageId: { imageDigest: DIGEST, imageTag: 'abc1234' },
    };
    expect(started).toEqual({ ...named, imageScanStatus: { status: 'IN_PROGRESS' } });
    const found = JSON.parse(
      (await run(`ecr describe-image-scan-findings ${id}`)).stdout,
    ) as object;
    const summary = {
      imageScanCompletedAt: '2026-01-01T00:00:00+00:00',
      vulnerabilitySourceUpdatedAt: '2026-01-01T00:00:00+00:00',
      findingSeverityCounts: { CRITICAL: 1 },
    };
    expect(found).toEqual({
      ...named,
      imageScanFindings: { ...summary, findings: [finding] },
      imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' },
    });
    const { stdout } = await run('ecr describe-images --repository-name team/api');
    expect(JSON.parse(stdout)).toMatchObject({
      imageDetails: [
        { imageScanStatus: { status: 'COMPLETE' }, imageScanFindingsSummary: summary },
      ],
    });
    expect((await run(`ecr start-image-scan ${id}`)).stderr).toContain('LimitExceededException');
  });

  test('findings are for those whom a policy lets read them', async () => {
    const { run } = createAws(['ecr:DescribeImageScanFindings']);
    const { exitCode, stderr } = await run(
      'ecr describe-image-scan-findings --repository-name team/api --image-id imageTag=abc1234',
    );
    expect([exitCode, stderr]).toEqual([254, expect.stringContaining('AccessDeniedException')]);
  });

  test('get-login of version 1 is refused with the command of version 2', async () => {
    const { exitCode, stderr } = await createAws().run('ecr get-login --no-include-email');
    expect([exitCode, stderr]).toEqual([252, expect.stringContaining('get-login-password')]);
  });
});

describe('ssm', () => {
  test('a parameter is written once, then only with --overwrite', async () => {
    const { run } = createAws();
    const put = 'ssm put-parameter --name /team/api/image-tag --value abc1234 --type String';
    expect(JSON.parse((await run(put)).stdout)).toEqual({ Version: 1, Tier: 'Standard' });
    expect(await run(put)).toEqual({
      exitCode: 254,
      stdout: '',
      stderr:
        '\naws: [ERROR]: An error occurred (ParameterAlreadyExists) when calling the PutParameter operation: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.\n',
    });
    expect(JSON.parse((await run(`${put} --overwrite`)).stdout)).toMatchObject({ Version: 2 });
    expect((await run(`${put} --no-overwrite`)).exitCode).toBe(254);
  });

  test('a parameter is read with its metadata', async () => {
    const { run, parameters } = createAws();
    parameters.put({ name: '/team/tag', value: 'abc1234', type: 'String' });
    expect(JSON.parse((await run('ssm get-parameter --name /team/tag')).stdout)).toEqual({
      Parameter: {
        Name: '/team/tag',
        Type: 'String',
        Value: 'abc1234',
        Version: 1,
        LastModifiedDate: '2026-01-01T00:00:00+00:00',
        ARN: 'arn:aws:ssm:ap-northeast-2:000000000000:parameter/team/tag',
        DataType: 'text',
      },
    });
  });

  test('a missing parameter is an error for one and a note for many', async () => {
    const { run } = createAws();
    expect(await run('ssm get-parameter --name /nowhere')).toEqual({
      exitCode: 254,
      stdout: '',
      stderr:
        '\naws: [ERROR]: An error occurred (ParameterNotFound) when calling the GetParameter operation: \n',
    });
    const many = await run('ssm get-parameters --names /nowhere --query InvalidParameters[]');
    expect([many.exitCode, JSON.parse(many.stdout)]).toEqual([0, ['/nowhere']]);
  });

  test('a secure string is in the clear only with --with-decryption', async () => {
    const { run, parameters } = createAws();
    parameters.put({ name: '/team/key', value: 'hidden', type: 'SecureString' });
    const get = 'ssm get-parameter --name /team/key --query Parameter.Value --output text';
    expect((await run(get)).stdout).not.toContain('hidden');
    expect((await run(`${get} --with-decryption`)).stdout).toBe('hidden\n');
  });

  test('a value may come from standard input', async () => {
    const { run, parameters } = createAws();
    const put = 'ssm put-parameter --name /team/tag --type String --value file:///dev/stdin';
    await run(put, { stdin: 'from a pipe' });
    expect(parameters.find('/team/tag')?.value).toBe('from a pipe');
  });
});

describe('secretsmanager', () => {
  test('a secret is created, described and read', async () => {
    const { aws, run } = createAws();
    const create = words('secretsmanager create-secret --name dev/token --secret-string');
    const created = JSON.parse((await aws([...create, '{"token":"t"}'])).stdout);
    expect(created.ARN).toMatch(
      /^arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:dev\/token-\w{6}$/,
    );
    const described = await run('secretsmanager describe-secret --secret-id dev/token');
    expect(JSON.parse(described.stdout)).toMatchObject({
      VersionIdsToStages: { [created.VersionId]: ['AWSCURRENT'] },
    });
    const read = `secretsmanager get-secret-value --secret-id ${created.ARN} --query SecretString`;
    expect(JSON.parse((await run(read)).stdout)).toBe('{"token":"t"}');
  });

  test('a missing secret is an error of the service', async () => {
    expect(
      (await createAws().run('secretsmanager get-secret-value --secret-id nowhere')).stderr,
    ).toBe(
      "\naws: [ERROR]: An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation: Secrets Manager can't find the specified secret.\n",
    );
  });
});

describe('permission', () => {
  test.each([
    ['ecr get-login-password', 'ecr:GetAuthorizationToken', '*'],
    [
      'ecr describe-repositories --repository-names team/api',
      'ecr:DescribeRepositories',
      REPOSITORY_ARN,
    ],
    ['ecr describe-images --repository-name team/api', 'ecr:DescribeImages', REPOSITORY_ARN],
    ['ecr list-images --repository-name team/api', 'ecr:ListImages', REPOSITORY_ARN],
    [
      'ecr batch-get-image --repository-name team/api --image-ids imageTag=a',
      'ecr:BatchGetImage',
      REPOSITORY_ARN,
    ],
    [
      'ecr get-lifecycle-policy --repository-name team/api',
      'ecr:GetLifecyclePolicy',
      REPOSITORY_ARN,
    ],
    [
      'ssm put-parameter --name /team/tag --value a --type String',
      'ssm:PutParameter',
      'arn:aws:ssm:ap-northeast-2:000000000000:parameter/team/tag',
    ],
    [
      'ssm get-parameter --name /team/tag',
      'ssm:GetParameter',
      'arn:aws:ssm:ap-northeast-2:000000000000:parameter/team/tag',
    ],
    [
      'secretsmanager get-secret-value --secret-id dev/token',
      'secretsmanager:GetSecretValue',
      expect.stringMatching(/:secret:dev\/token-\w{6}$/) as string,
    ],
  ])("'aws %s' needs %s", async (line, action, resource) => {
    const { run, authorizer, images, parameters } = createAws([action]);
    const { exitCode, stdout, stderr } = await run(line);
    expect([exitCode, stdout]).toEqual([254, '']);
    expect(stderr).toContain('An error occurred (AccessDeniedException) when calling the ');
    expect(stderr).toContain(`is not authorized to perform: ${action} on resource: `);
    expect(authorizer.requests).toEqual([
      expect.objectContaining({
        action,
        resource,
        caller: expect.objectContaining({ kind: 'role' }),
      }),
    ]);
    expect([images.listRepositories().length, parameters.find('/team/tag')]).toEqual([
      1,
      undefined,
    ]);
  });

  test('creating a repository with tags needs the permission to tag', async () => {
    const { run } = createAws(['ecr:TagResource']);
    const { stderr } = await run(
      'ecr create-repository --repository-name team/web --tags Key=a,Value=b',
    );
    expect(stderr).toContain('ecr:TagResource');
  });
});

describe('usage', () => {
  test('missing options are named all at once', async () => {
    const { exitCode, stderr } = await createAws().run('ssm put-parameter --overwrite');
    expect(exitCode).toBe(252);
    expect(stderr).toMatch(
      /^\naws: \[ERROR\]: An error occurred \(ParamValidation\): the following arguments are required: --name, --value\n\nusage: aws \[options\]/,
    );
  });

  test('unknown options are listed with their values', async () => {
    const { exitCode, stderr } = await createAws().run(
      'ecr list-images --repository-name team/api --format wide extra --overwrite',
    );
    expect([exitCode, stderr]).toEqual([
      252,
      '\naws: [ERROR]: An error occurred (ParamValidation): Unknown options: --format, wide, extra, --overwrite\n',
    ]);
  });

  test('an option without its value is named', async () => {
    for (const line of [
      'ecr list-images --repository-name',
      'ecr list-images --region --query a',
    ]) {
      const { exitCode, stderr } = await createAws().run(line);
      expect([exitCode, stderr]).toEqual([
        252,
        expect.stringMatching(/argument --\S+: expected one argument/),
      ]);
    }
  });

  test('a call that is not played is refused by name and noted for the report', async () => {
    const { run, recorded } = createAws();
    recorded.length = 0;
    const { exitCode, stderr } = await run('s3 cp index.html s3://bucket');
    expect([exitCode, stderr]).toEqual([252, expect.stringContaining("does not play 'aws s3 cp'")]);
    expect(recorded).toEqual([
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringContaining("'aws s3 cp'"),
      }),
    ]);
  });

  test('an option that exists on AWS but is not played is refused, not unknown', async () => {
    const { stderr } = await createAws().run(
      'ecr list-images --repository-name team/api --max-results 5',
    );
    expect(stderr).toContain("does not play 'aws ecr list-images --max-results'");
  });

  test.each([
    ['--image-ids imageTag', "Expected: '=', received: 'EOF'"],
    [
      '--image-ids tag=a',
      'Unknown parameter in imageIds[0]: "tag", must be one of: imageDigest, imageTag',
    ],
    ['--image-ids [{', "Error parsing parameter '--image-ids': Invalid JSON"],
    ['--image-ids [{"imageTag":1}]', 'Invalid type for parameter imageIds[0].imageTag'],
    ['--output xml', "argument --output: Found invalid choice 'xml'"],
    ['--query [', 'Bad value for --query ['],
    ['--output table', "does not play '--output table'"],
  ])('%s is refused', async (options, problem) => {
    const { exitCode, stderr } = await createAws().run(
      `ecr describe-images --repository-name team/api ${options}`,
    );
    expect([exitCode, stderr]).toEqual([252, expect.stringContaining(problem)]);
  });

  test('an answer is printed in the format of AWS_DEFAULT_OUTPUT', async () => {
    const env = { AWS_REGION: 'ap-northeast-2', AWS_DEFAULT_OUTPUT: 'text' };
    const query = '--query imageDetails[].imageTags[]';
    expect(
      (await createAws().run(`ecr describe-images --repository-name team/api ${query}`, { env }))
        .stdout,
    ).toBe('abc1234\tlatest\n');
  });

  test('help lists what is played', async () => {
    const { stdout } = await createAws().run('ssm put-parameter help');
    expect(stdout).toContain(
      'aws ssm put-parameter --name <string> --value <string> [--type <string>]',
    );
  });
});
