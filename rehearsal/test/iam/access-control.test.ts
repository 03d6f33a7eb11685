import type { Caller } from '../../src/iam/authorizer';
import { AccessControl } from '../../src/iam/access-control';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { deployTemplate } from '../cloudformation/deploy-template';

const trust = (Principal: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }],
});
const attached = (role: string, ...Statement: object[]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyName: 'p', PolicyDocument: { Statement }, Roles: [{ Ref: role }] },
});

const template = {
  Resources: {
    PipelineRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'pipeline',
        AssumeRolePolicyDocument: trust({ Service: 'codepipeline.amazonaws.com' }),
      },
    },
    PipelinePolicy: attached('PipelineRole', {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Resource: { 'Fn::GetAtt': ['ByAccountRole', 'Arn'] },
    }),
    BuildRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'build',
        AssumeRolePolicyDocument: trust({ Service: 'codebuild.amazonaws.com' }),
        Policies: [
          {
            PolicyName: 'inline',
            PolicyDocument: {
              Statement: {
                Effect: 'Allow',
                Action: 'ecr:PutImage',
                Resource: 'arn:aws:ecr:*:*:repository/shop/*',
              },
            },
          },
        ],
      },
    },
    ByRoleRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'by-role',
        AssumeRolePolicyDocument: trust({ AWS: { 'Fn::GetAtt': ['PipelineRole', 'Arn'] } }),
      },
    },
    ByAccountRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'by-account',
        AssumeRolePolicyDocument: trust({
          AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' },
        }),
      },
    },
    TaskRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'task',
        AssumeRolePolicyDocument: trust({ Service: 'ecs-tasks.amazonaws.com' }),
        ManagedPolicyArns: [
          'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
          { Ref: 'OwnManaged' },
        ],
      },
    },
    OwnManaged: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'ssm:GetParameters', Resource: '*' }],
        },
      },
    },
    StrangeRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'strange',
        AssumeRolePolicyDocument: trust({ Service: 'ecs-tasks.amazonaws.com' }),
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonBedrockFullAccess'],
      },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'Topic' }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sns:Publish',
              Resource: { Ref: 'Topic' },
              Principal: { Service: 'events.amazonaws.com' },
              Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/failed' } },
            },
          ],
        },
      },
    },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'artifacts' } },
    BucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Bucket' },
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Deny',
              Action: 's3:*',
              Principal: '*',
              Resource: 'arn:aws:s3:::artifacts/secret/*',
            },
            {
              Effect: 'Allow',
              Action: 's3:GetObject',
              Principal: '*',
              Resource: 'arn:aws:s3:::artifacts/*',
            },
          ],
        },
      },
    },
  },
};
const resources = new DeployedStacks([deployTemplate(template)]);

const as = (name: string): Caller => ({
  kind: 'role',
  roleArn: `arn:aws:iam::000000000000:role/${name}`,
  sessionName: 'session',
});
const repository = 'arn:aws:ecr:eu-west-1:000000000000:repository/shop/api';
const topic = 'arn:aws:sns:eu-west-1:000000000000:alerts';

describe('who may do what', () => {
  const access = new AccessControl(resources);
  const allowed = (caller: Caller, action: string, resource: string) =>
    access.authorize({ caller, action, resource }).allowed;

  test('a role may do what its inline, attached and managed policies allow', () => {
    expect(allowed(as('build'), 'ecr:PutImage', repository)).toBe(true);
    expect(
      allowed(as('pipeline'), 'sts:AssumeRole', 'arn:aws:iam::000000000000:role/by-account'),
    ).toBe(true);
    expect(allowed(as('task'), 'ecr:BatchGetImage', repository)).toBe(true);
    expect(
      allowed(as('task'), 'ssm:GetParameters', 'arn:aws:ssm:eu-west-1:000000000000:parameter/x'),
    ).toBe(true);
  });

  test('a denied call says who, what, on which resource and why, as AWS does', () => {
    expect(
      access.authorize({
        caller: as('build'),
        action: 'ecr:PutImage',
        resource: repository.replace('shop', 'other'),
      }),
    ).toMatchObject({
      allowed: false,
      message: expect.stringMatching(
        /^User: arn:aws:sts::000000000000:assumed-role\/build\/session is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:eu-west-1:000000000000:repository\/other\/api because no identity-based policy allows the ecr:PutImage action\. /,
      ),
    });
    expect(
      access.authorize({
        caller: as('build'),
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::artifacts/secret/a',
      }),
    ).toMatchObject({
      message: expect.stringMatching(/with an explicit deny in a resource-based policy\. /),
    });
  });

  test('an object is protected by the policy of its bucket', () => {
    expect(allowed(as('build'), 's3:GetObject', 'arn:aws:s3:::artifacts/a.zip')).toBe(true);
  });

  test('a service may do what the policy of the resource allows it, from the source that it names', () => {
    const events = (rule: string): Caller => ({
      kind: 'service',
      service: 'events.amazonaws.com',
      sourceArn: `arn:aws:events:eu-west-1:000000000000:rule/${rule}`,
    });

    expect(allowed(events('failed'), 'sns:Publish', topic)).toBe(true);
    expect(allowed(events('other'), 'sns:Publish', topic)).toBe(false);
    expect(
      access.authorize({
        caller: { kind: 'service', service: 'cloudwatch.amazonaws.com' },
        action: 'sns:Publish',
        resource: topic,
      }),
    ).toMatchObject({
      message: expect.stringContaining(
        'because no resource-based policy allows the sns:Publish action',
      ),
    });
  });

  test('the operator may do everything', () => {
    expect(allowed({ kind: 'operator' }, 'iam:DeleteRole', '*')).toBe(true);
  });

  test('a role that no stack defines is refused by its ARN', () => {
    expect(() => allowed(as('elsewhere'), 'ecr:PutImage', repository)).toThrow(
      /role arn:aws:iam::000000000000:role\/elsewhere, but no deployed stack defines it/,
    );
  });

  test('a role with a policy that nobody knows is refused by the name of the policy', () => {
    expect(() => allowed(as('strange'), 'ecr:PutImage', repository)).toThrow(
      "Role 'strange' has policies that the rehearsal does not know: arn:aws:iam::aws:policy/AmazonBedrockFullAccess",
    );
  });
});

test.each([
  [
    'secret',
    'secretsmanager:GetSecretValue',
    { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'token' } },
    (Statement: object[]) => ({
      Type: 'AWS::SecretsManager::ResourcePolicy',
      Properties: { SecretId: { Ref: 'Held' }, ResourcePolicy: { Statement } },
    }),
    { Ref: 'Held' },
  ],
  [
    'bucket',
    's3:GetObject',
    { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'goods' } },
    (Statement: object[]) => ({
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Held' }, PolicyDocument: { Statement } },
    }),
    { 'Fn::GetAtt': ['Held', 'Arn'] },
  ],
])(
  'the policy of a %s can deny what a role’s own policy allows',
  (_, Action, held, policy, arn) => {
    const stack = (...statements: object[]) =>
      deployTemplate({
        Resources: {
          Role: {
            Type: 'AWS::IAM::Role',
            Properties: { RoleName: 'build', AssumeRolePolicyDocument: trust({ AWS: '*' }) },
          },
          Own: {
            Type: 'AWS::IAM::RolePolicy',
            Properties: {
              PolicyName: 'own',
              RoleName: { Ref: 'Role' },
              PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
            },
          },
          Held: held,
          ...(statements.length > 0 && { Policy: policy(statements) }),
        },
        Outputs: { Arn: { Value: arn } },
      });
    const decide = (deployed: ReturnType<typeof stack>) =>
      new AccessControl(new DeployedStacks([deployed])).authorize({
        caller: as('build'),
        action: Action,
        resource: deployed.outputs['Arn'] ?? '',
      }).allowed;

    expect(decide(stack())).toBe(true);
    expect(decide(stack({ Effect: 'Deny', Action, Principal: '*', Resource: '*' }))).toBe(false);
  },
);

describe('becoming a role', () => {
  const access = new AccessControl(resources);
  const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;

  test('a service becomes a role whose trust policy names it', () => {
    expect(
      access.assumeRole(roleArn('build'), { kind: 'service', service: 'codebuild.amazonaws.com' }),
    ).toEqual({ allowed: true });
    expect(
      access.assumeRole(roleArn('build'), { kind: 'service', service: 'ecs-tasks.amazonaws.com' }),
    ).toMatchObject({
      allowed: false,
      message: expect.stringContaining(
        'User: ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role/build because no role trust policy allows the sts:AssumeRole action. ',
      ),
    });
  });

  test('a role that the trust policy names needs no policy of its own', () => {
    expect(access.assumeRole(roleArn('by-role'), as('pipeline')).allowed).toBe(true);
    expect(access.assumeRole(roleArn('by-role'), as('build')).allowed).toBe(false);
  });

  test('where the trust policy names only the account, the role’s own policies decide', () => {
    expect(access.assumeRole(roleArn('by-account'), as('pipeline')).allowed).toBe(true);
    expect(access.assumeRole(roleArn('by-account'), as('build'))).toMatchObject({
      message: expect.stringContaining(
        'because no identity-based policy allows the sts:AssumeRole action',
      ),
    });
  });
});

describe('what was asked', () => {
  test('every distinct call is remembered once, with its answer and how often it came', () => {
    const access = new AccessControl(resources);
    const request = { caller: as('build'), action: 'ecr:PutImage', resource: repository };
    access.authorize(request);
    access.authorize(request);
    access.authorize({ ...request, action: 'ecr:DeleteRepository' });

    const principal = 'arn:aws:iam::000000000000:role/build';
    expect(access.uses()).toEqual([
      { principal, action: 'ecr:PutImage', resource: repository, allowed: true, count: 2 },
      { principal, action: 'ecr:DeleteRepository', resource: repository, allowed: false, count: 1 },
    ]);
  });

  test('roles become known when their stack is deployed', () => {
    const access = new AccessControl();
    const request = { caller: as('build'), action: 'ecr:PutImage', resource: repository };

    expect(() => access.authorize(request)).toThrow('no deployed stack defines it');
    access.deployed(resources);
    expect(access.authorize(request)).toEqual({ allowed: true });
  });
});

describe('a denied call says what to change', () => {
  const access = new AccessControl(resources);
  const messageOf = (caller: Caller, action: string, resource: string) => {
    const decision = access.authorize({ caller, action, resource });
    return decision.allowed ? '' : decision.message;
  };

  test('the statement that the role lacks, and the one that comes close', () => {
    const other = repository.replace('shop', 'other');

    expect(messageOf(as('build'), 'ecr:PutImage', other)).toContain(
      `To allow it, add to role 'build': {"Effect":"Allow","Action":"ecr:PutImage","Resource":"${other}"}; ` +
        "statement 1 of policy 'inline' of AWS::IAM::Role 'BuildRole' in stack 'Stack' allows it only on arn:aws:ecr:*:*:repository/shop/*",
    );
  });

  test('the service and the condition of a role that is passed', () => {
    const decision = access.authorize({
      caller: as('pipeline'),
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::000000000000:role/task',
      context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });

    expect(decision).toMatchObject({
      message: expect.stringContaining(
        '"Condition":{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}}',
      ),
    });
  });

  test('the trust policy that names somebody else', () => {
    expect(
      messageOf(as('build'), 'sts:AssumeRole', 'arn:aws:iam::000000000000:role/by-role'),
    ).toContain(
      'To allow it, add to the trust policy of arn:aws:iam::000000000000:role/by-role: {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::000000000000:role/build"}}; ',
    );
  });

  test('the policy of the topic that a service may not publish to', () => {
    expect(
      messageOf({ kind: 'service', service: 'cloudwatch.amazonaws.com' }, 'sns:Publish', topic),
    ).toContain(
      `add to the policy of ${topic}: {"Effect":"Allow","Action":"sns:Publish","Resource":"${topic}","Principal":{"Service":"cloudwatch.amazonaws.com"}}`,
    );
  });

  test('the statement that denies it', () => {
    expect(messageOf(as('build'), 's3:GetObject', 'arn:aws:s3:::artifacts/secret/a')).toContain(
      "It is denied by statement 1 of PolicyDocument of AWS::S3::BucketPolicy 'BucketPolicy' in stack 'Stack'",
    );
  });
});

describe('granted and used', () => {
  test('every statement is listed with the calls that it decided, by action and resource', () => {
    const access = new AccessControl(resources);
    access.authorize({ caller: as('build'), action: 'ecr:PutImage', resource: repository });
    access.authorize({ caller: as('task'), action: 'ecr:BatchGetImage', resource: repository });
    access.assumeRole('arn:aws:iam::000000000000:role/build', {
      kind: 'service',
      service: 'codebuild.amazonaws.com',
    });
    const of = (role: string) =>
      access.statements().filter(({ holder }) => holder.endsWith(`:role/${role}`));

    expect(of('build')).toMatchObject([
      { kind: 'role trust policy', calls: 1, actions: [{ pattern: 'sts:AssumeRole', calls: 1 }] },
      {
        kind: 'identity-based policy',
        place: {
          stack: 'Stack',
          logicalId: 'BuildRole',
          path: ['Policies', '0', 'PolicyDocument'],
        },
        statement: 0,
        calls: 1,
        actions: [{ pattern: 'ecr:PutImage', calls: 1 }],
        resources: [{ pattern: 'arn:aws:ecr:*:*:repository/shop/*', calls: 1 }],
      },
    ]);
    expect(
      of('task')[1]
        ?.actions.filter(({ calls }) => calls > 0)
        .map(({ pattern }) => pattern),
    ).toEqual(['ecr:BatchGetImage']);
    expect(of('task')[2]).toMatchObject({ calls: 0, place: { logicalId: 'OwnManaged' } });
  });

  test('a denied call used no statement but the one that denies it', () => {
    const access = new AccessControl(resources);
    access.authorize({
      caller: as('build'),
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::artifacts/secret/a',
    });

    expect(access.statements().filter(({ calls }) => calls > 0)).toMatchObject([
      { holder: 'arn:aws:s3:::artifacts', effect: 'Deny', calls: 1 },
    ]);
  });
});
