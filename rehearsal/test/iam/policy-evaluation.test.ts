import fc from 'fast-check';
import { readPolicyDocument } from '../../src/iam/policy-document';
import {
  type ApplicablePolicies,
  type PolicyRequest,
  evaluate,
} from '../../src/iam/policy-evaluation';

const account = '000000000000';
const roleArn = `arn:aws:iam::${account}:role/build`;
const role = {
  kind: 'role',
  account,
  arns: [roleArn, `arn:aws:sts::${account}:assumed-role/build/s`],
} as const;
const request: PolicyRequest = {
  principal: role,
  action: 'ecr:PutImage',
  resource: `arn:aws:ecr:eu-west-1:${account}:repository/shop/api`,
  context: {
    'aws:PrincipalAccount': account,
    'aws:SecureTransport': 'true',
    'aws:username': undefined,
  },
};
const policy = (...Statement: object[]) =>
  readPolicyDocument({ Version: '2012-10-17', Statement }, 'a test');
const allow = { Effect: 'Allow', Action: 'ecr:*', Resource: '*' };
const deny = { Effect: 'Deny', Action: 'ecr:PutImage', Resource: '*' };
const verdict = (policies: Partial<ApplicablePolicies>, changes: Partial<PolicyRequest> = {}) =>
  evaluate({ ...request, ...changes }, { identity: [], resource: [], ...policies });

describe('identity-based policies', () => {
  test('nothing is allowed that no policy allows', () => {
    expect(verdict({})).toMatchObject({ effect: 'implicit-deny', by: 'identity-based policy' });
    expect(verdict({ identity: [policy({ ...allow, Action: 'ecr:Get*' })] }).effect).toBe(
      'implicit-deny',
    );
  });

  test('one statement that matches is enough, in a list or alone', () => {
    expect(verdict({ identity: [policy({ ...allow, Action: 's3:*' }, allow)] })).toMatchObject({
      effect: 'allow',
    });
    expect(verdict({ identity: [readPolicyDocument({ Statement: allow }, 'a test')] }).effect).toBe(
      'allow',
    );
  });

  test('an explicit deny wins, wherever it stands', () => {
    expect(verdict({ identity: [policy(allow), policy(deny)] })).toMatchObject({
      effect: 'explicit-deny',
      by: 'identity-based policy',
    });
  });

  test('whatever is allowed besides, a deny is final', () => {
    const statement = fc.constantFrom(
      allow,
      { ...allow, Action: '*' },
      { ...allow, Resource: 'arn:aws:ecr:*' },
    );
    fc.assert(
      fc.property(fc.array(statement), fc.nat(), (statements, position) => {
        const mixed = statements.toSpliced(position, 0, deny);
        expect(verdict({ identity: [policy(...mixed)] }).effect).toBe('explicit-deny');
      }),
    );
  });

  test('NotAction and NotResource cover everything else', () => {
    const other = (changes: object) =>
      verdict({ identity: [policy({ Effect: 'Allow', ...changes })] }).effect;

    expect(other({ NotAction: 's3:*', Resource: '*' })).toBe('allow');
    expect(other({ NotAction: 'ecr:Put*', Resource: '*' })).toBe('implicit-deny');
    expect(other({ Action: '*', NotResource: 'arn:aws:s3:::*' })).toBe('allow');
    expect(other({ Action: '*', NotResource: request.resource })).toBe('implicit-deny');
  });

  test('a statement counts only when all its conditions hold', () => {
    const when = (Condition: object) =>
      verdict({ identity: [policy({ ...allow, Condition })] }).effect;

    expect(when({ Bool: { 'aws:SecureTransport': true } })).toBe('allow');
    expect(
      when({ Bool: { 'aws:SecureTransport': true }, Null: { 'aws:PrincipalAccount': true } }),
    ).toBe('implicit-deny');
  });

  test('a condition operator that nobody understands is refused rather than skipped', () => {
    const Condition = { BinaryEquals: { 'aws:PrincipalAccount': 'QmluYXJ5' } };

    expect(() => verdict({ identity: [policy({ ...deny, Condition })] })).toThrow("'BinaryEquals'");
  });

  test('a condition on what a rehearsal cannot know is refused, with its statement and the call', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } };
    const identity = [policy(allow, { ...deny, Sid: 'FromOutside', Condition })];

    expect(() => verdict({ identity })).toThrow(
      /^Statement 2 \('FromOutside'\) of a test asks for 'aws:SourceIp', which the rehearsal cannot know of the call ecr:PutImage on arn:aws:ecr/,
    );
  });

  test('unless the statement is about something else, or another of its conditions fails', () => {
    const Condition = {
      StringEquals: { 'aws:SourceVpce': 'vpce-1' },
      Bool: { 'aws:SecureTransport': 'false' },
    };

    expect(
      verdict({ identity: [policy(allow, { ...deny, Condition })] }, { action: 'ecr:PutImage' })
        .effect,
    ).toBe('allow');
    expect(
      verdict({
        identity: [
          policy(allow, { ...deny, Action: 's3:*', Condition: { Null: { 'aws:userid': false } } }),
        ],
      }).effect,
    ).toBe('allow');
  });

  test('a key of another service is absent', () => {
    const Condition = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };

    expect(verdict({ identity: [policy({ ...allow, Condition })] }).effect).toBe('implicit-deny');
    expect(verdict({ identity: [policy(allow, { ...deny, Condition })] }).effect).toBe('allow');
  });

  test('a role is passed only to the service that the condition names', () => {
    const identity = [
      policy({
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: roleArn,
        Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }),
    ];
    const passedTo = (service: string) =>
      verdict(
        { identity },
        {
          action: 'iam:PassRole',
          resource: roleArn,
          context: { 'iam:PassedToService': service },
        },
      ).effect;

    expect(passedTo('ecs-tasks.amazonaws.com')).toBe('allow');
    expect(passedTo('ec2.amazonaws.com')).toBe('implicit-deny');
  });

  test('policy variables stand for values of the request', () => {
    const withResource = (Resource: string) =>
      verdict({ identity: [policy({ ...allow, Resource })] }).effect;

    expect(withResource('arn:aws:ecr:*:${aws:PrincipalAccount}:*')).toBe('allow');
    expect(withResource('arn:aws:ecr:*:${aws:username}:*')).toBe('implicit-deny');
    expect(withResource("arn:aws:ecr:*:${aws:username, '*'}:*")).toBe('allow');
    expect(() => withResource('arn:aws:ecr:*:${aws:userid}:*')).toThrow("asks for 'aws:userid'");
    expect(() => withResource('arn:aws:ecr:*:*:repository/${*}')).toThrow("'${*}'");
  });
});

test('before 2012-10-17 a policy has no variables', () => {
  const Statement = { ...allow, Resource: 'arn:aws:ecr:*:${aws:PrincipalAccount}:*' };
  const identity = [readPolicyDocument({ Statement }, 'a test')];

  expect(verdict({ identity }).effect).toBe('implicit-deny');
});

test('a verdict names the statements that made it', () => {
  const identity = [policy(allow), policy({ ...allow, Action: 's3:*' }, { ...allow, Sid: 'All' })];

  expect(verdict({ identity })).toMatchObject({
    identity: [{ index: 0 }, { Sid: 'All', index: 1 }],
    resource: [],
  });
});

describe('resource-based policies', () => {
  const grant = (Principal: unknown, changes: object = {}) => [
    policy({ ...allow, Principal, ...changes }),
  ];
  const service = { principal: { kind: 'service', service: 'events.amazonaws.com' } } as const;

  test('one that names the role is enough within the account', () => {
    expect(verdict({ resource: grant({ AWS: roleArn }) }).effect).toBe('allow');
    expect(verdict({ resource: grant('*') }).effect).toBe('allow');
    expect(verdict({ resource: grant({ AWS: `${roleArn}2` }) }).effect).toBe('implicit-deny');
  });

  test('one that names the account leaves it to the role’s own policies', () => {
    const resource = grant({ AWS: `arn:aws:iam::${account}:root` });

    expect(verdict({ resource })).toMatchObject({
      effect: 'implicit-deny',
      by: 'identity-based policy',
    });
    expect(
      verdict({ resource, resourcePolicyRequired: true, identity: [policy(allow)] }).effect,
    ).toBe('allow');
  });

  test('where one is required, the role’s own policies are not enough', () => {
    expect(verdict({ identity: [policy(allow)], resourcePolicyRequired: true })).toMatchObject({
      effect: 'implicit-deny',
      by: 'resource-based policy',
    });
  });

  test('a service needs one that names it', () => {
    expect(verdict({ resource: grant({ Service: 'events.amazonaws.com' }) }, service).effect).toBe(
      'allow',
    );
    expect(
      verdict({ resource: grant({ Service: 'cloudwatch.amazonaws.com' }) }, service),
    ).toMatchObject({
      effect: 'implicit-deny',
      by: 'resource-based policy',
    });
  });

  test('a deny for everybody hits only when its condition holds', () => {
    const resource = grant('*', {
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    const identity = [policy(allow)];

    expect(verdict({ resource, identity }).effect).toBe('allow');
    expect(
      verdict({ resource, identity }, { context: { 'aws:SecureTransport': 'false' } }),
    ).toMatchObject({
      effect: 'explicit-deny',
      by: 'resource-based policy',
    });
  });

  test('NotPrincipal names everybody else', () => {
    const NotPrincipal = { AWS: roleArn };
    const resource = [policy({ ...deny, NotPrincipal })];

    expect(verdict({ resource, identity: [policy(allow)] }).effect).toBe('allow');
    expect(verdict({ resource }, service).effect).toBe('explicit-deny');
  });
});

test('a permissions boundary allows nothing by itself and limits what else is allowed', () => {
  const identity = [policy(allow)];

  expect(verdict({ boundary: policy(allow) }).effect).toBe('implicit-deny');
  expect(verdict({ identity, boundary: policy(allow) }).effect).toBe('allow');
  expect(verdict({ identity, boundary: policy({ ...allow, Action: 's3:*' }) })).toEqual({
    effect: 'implicit-deny',
    by: 'permissions boundary',
  });
});

test('a policy with an element that nobody knows is refused with its place', () => {
  expect(() => readPolicyDocument({ Statement: { ...allow, Acton: 'x' } }, "policy 'P'")).toThrow(
    /policy document of policy 'P' cannot be read/,
  );
  expect(() => policy({ Effect: 'Allow', Resource: '*' })).toThrow('either Action or NotAction');
});
