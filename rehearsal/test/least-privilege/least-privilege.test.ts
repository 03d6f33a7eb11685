import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../mutations/engine-copy';
import { AccessControl } from '../../src/iam/access-control';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { deniedBecause } from '../../least-privilege/denied-because';
import { explanationOf, explanations, unusedExplanations } from '../../least-privilege/explained';
import {
  describeRemoval,
  isUsed,
  type Removal,
  removalsOf,
  withoutEntry,
} from '../../least-privilege/removals';
import { shortBuildspec } from '../../least-privilege/short-project';
import { deployTemplate } from '../cloudformation/deploy-template';

const put = { Effect: 'Allow', Action: ['ecr:PutImage', 'ecr:BatchGetImage'], Resource: '*' };
const pass = { Sid: 'Pass', Effect: 'Allow', Action: 'iam:PassRole', Resource: ['a', 'b'] };
const deny = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
const template = {
  Resources: {
    Build: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'build',
        AssumeRolePolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'codebuild.amazonaws.com' },
          },
        },
        Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: [put, pass, deny] } }],
      },
    },
  },
};
const access = new AccessControl(new DeployedStacks([deployTemplate(template)]));
const removals = removalsOf(access.statements());
const named = (line: string): Removal => {
  const found = removals.find((removal) => describeRemoval(removal) === line);
  if (found === undefined) throw new Error(`no removal is called ${line}`);
  return found;
};
const statementsWithout = (line: string) => {
  const changed = withoutEntry(template, named(line)) as typeof template;
  return changed.Resources.Build.Properties;
};

it('takes away every action, and every resource of statements with several, but no deny', () => {
  expect(removals.map(describeRemoval)).toEqual([
    'Build, trust policy: sts:AssumeRole',
    'Build, statement 1: ecr:PutImage',
    'Build, statement 1: ecr:BatchGetImage',
    'Build, Pass: iam:PassRole',
    'Build, Pass: a',
    'Build, Pass: b',
  ]);
});

it('takes one entry out of the template and leaves the rest', () => {
  expect(
    statementsWithout('Build, statement 1: ecr:BatchGetImage').Policies[0]?.PolicyDocument,
  ).toEqual({ Statement: [{ ...put, Action: ['ecr:PutImage'] }, pass, deny] });
  expect(statementsWithout('Build, Pass: a').Policies[0]?.PolicyDocument).toEqual({
    Statement: [put, { ...pass, Resource: ['b'] }, deny],
  });
});

it('takes the whole statement when the entry was all it had', () => {
  expect(statementsWithout('Build, Pass: iam:PassRole').Policies[0]?.PolicyDocument).toEqual({
    Statement: [put, deny],
  });
  expect(statementsWithout('Build, trust policy: sts:AssumeRole').AssumeRolePolicyDocument).toEqual(
    { Statement: [] },
  );
});

it('says when the template has no such entry', () => {
  const removal = { ...named('Build, Pass: a'), entry: 7 };

  expect(() => withoutEntry(template, removal)).toThrow(
    'the template has no Resources.Build.Properties.Policies.0.PolicyDocument.Statement.1.Resource',
  );
});

it('knows which scenario needs a permission by the calls that it allowed', () => {
  const caller = {
    kind: 'role',
    roleArn: 'arn:aws:iam::000000000000:role/build',
    sessionName: 's',
  } as const;
  access.authorize({ caller, action: 'ecr:PutImage', resource: 'x' });

  expect(isUsed(named('Build, statement 1: ecr:PutImage'), access.statements())).toBe(true);
  expect(isUsed(named('Build, statement 1: ecr:BatchGetImage'), access.statements())).toBe(false);
  expect(isUsed(named('Build, Pass: a'), access.statements())).toBe(false);
});

describe('a run without a permission', () => {
  const removal = named('Build, statement 1: ecr:PutImage');
  const denied = 'User: x is not authorized to perform: ecr:PutImage on resource: y';

  it('proves it when the call was denied and the run is red', () => {
    expect(deniedBecause({ exitCode: 2, report: undefined, output: denied }, removal)).toBe(
      'ecr:PutImage is denied; it cannot go on',
    );
  });

  it('proves nothing when it passed all the same, or was red for another reason', () => {
    expect(
      deniedBecause({ exitCode: 0, report: undefined, output: denied }, removal),
    ).toBeUndefined();
    expect(
      deniedBecause({ exitCode: 1, report: undefined, output: 'no network' }, removal),
    ).toBeUndefined();
  });
});

it('an explanation is for the permissions that it names, and stale when there are none', () => {
  expect(explanationOf(named('Build, Pass: a'))).toBeUndefined();
  expect(unusedExplanations(removals)).toEqual(explanations);

  const removal = { ...named('Build, Pass: a'), pattern: 's3:GetBucketAcl' };
  const explained = { ...removal, sid: 'LookAtTheArtifactBucket' };
  expect(explanationOf(explained)?.reason).toContain('AWS lists it');
  expect(unusedExplanations([explained])).toHaveLength(explanations.length - 1);
});

it('the short project keeps every command of the build that asks AWS for something', () => {
  const buildspec = readFileSync(join(repository, 'buildspec.yml'), 'utf8');
  const asksAws = (text: string) =>
    text.split('\n').filter((line) => /\baws |docker (login|push)|check-image-scan/.test(line));

  const short = shortBuildspec(buildspec, 'file:///tsx.mjs');

  expect(asksAws(short)).toHaveLength(asksAws(buildspec).length);
  expect(short).not.toContain('npx tsx');
});
